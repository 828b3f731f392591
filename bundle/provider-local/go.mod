module openclaw-openrouter/kit/provider-local

go 1.25.8

require github.com/terraform-providers/terraform-provider-local v1.4.1-0.20260513075820-3561e410f9fe
