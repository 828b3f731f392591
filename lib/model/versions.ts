/** The provider versions with which the frozen bindings (docker 3.6.2, vault 5.6.0, local 2.6.1) were tested. */
export const providerVersions = { docker: "4.6.0", vault: "5.9.0", local: "2.9.0" } as const;

/** Both Terraform and OpenTofu have ephemeral variables since 1.10 and write-only arguments since 1.11. */
export const terraformVersion = ">= 1.11.0";
