/** The providers that the stacks declare, by their addresses without the registry. A test compares it with the stacks. */
export const declaredProviders = ["kreuzwerker/docker", "hashicorp/vault", "hashicorp/local"] as const;

/** Terraform and OpenTofu each look under their own registry's name. */
export const registries = ["registry.terraform.io", "registry.opentofu.org"] as const;

/** The addresses of the declared providers, as both programs name them. */
export const declaredAddresses: ReadonlySet<string> = new Set(
  registries.flatMap((registry) => declaredProviders.map((provider) => `${registry}/${provider}`)),
);
