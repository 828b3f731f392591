/** The providers' versions, with which the frozen bindings (docker 3.6.2, vault 5.6.0, local 2.6.1) were tried. */
export const providerVersions = { docker: "4.6.0", vault: "5.9.0", local: "2.9.0" } as const;

/** Ephemeral variables came with 1.10, write-only arguments with 1.11, in Terraform and OpenTofu alike. */
export const terraformVersion = ">= 1.11.0";
export const vaultVersion = "1.21.2";
