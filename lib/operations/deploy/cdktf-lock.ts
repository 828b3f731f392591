/** A provider's block of a lock file, under OpenTofu's address. */
const block = /^provider "registry\.opentofu\.org\/([^"]+)" \{\n[\s\S]*?^\}\n/gm;

/**
 * A lock file in which the CDKTF CLI finds every provider. It looks for Terraform's addresses only, also if OpenTofu runs, and has
 * OpenTofu ask its registry for those that it does not find. OpenTofu ignores the added blocks, and removes them when it writes
 * the file.
 */
export function withTerraformAddresses(lock: string): string {
  const added = [...lock.matchAll(block)]
    .filter(([, source]) => !lock.includes(`provider "registry.terraform.io/${source}"`))
    .map(([text]) => text.replace("registry.opentofu.org", "registry.terraform.io"));
  return [lock, ...added].join("\n");
}
