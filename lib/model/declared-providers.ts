/** The addresses of the declared providers, without the registry. A test compares them with the stacks. */
export const declaredProviders = ["kreuzwerker/docker", "hashicorp/vault", "hashicorp/local"] as const;

/** The registries of Terraform and OpenTofu: each resolves addresses in its own one. */
export const registries = { terraform: "registry.terraform.io", tofu: "registry.opentofu.org" } as const;

/** The addresses of the declared providers in both registries. */
export const declaredAddresses: ReadonlySet<string> = new Set(
  Object.values(registries).flatMap((registry) =>
    declaredProviders.map((provider) => `${registry}/${provider}`),
  ),
);
