module openclaw-openrouter/kit/provider-vault

go 1.26.2

require github.com/hashicorp/terraform-provider-vault v1.9.1-0.20260422134934-5e9fcd457a99
