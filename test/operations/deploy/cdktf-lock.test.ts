import { withTerraformAddresses } from "../../../lib/operations/deploy/cdktf-lock";

const block = (registry: string, name: string) =>
  `provider "registry.${registry}/hashicorp/${name}" {\n  version     = "1.0.0"\n  constraints = "1.0.0"\n  hashes = [\n    "h1:x=",\n  ]\n}\n`;

test("each provider of OpenTofu's stands under Terraform's address too, once", () => {
  const [own, other] = [block("opentofu.org", "local"), block("opentofu.org", "vault")];
  const lock = `# made by OpenTofu\n\n${own}\n${other}`;
  const whole = withTerraformAddresses(lock);
  expect(whole).toBe(`${lock}\n${block("terraform.io", "local")}\n${block("terraform.io", "vault")}`);
  expect(withTerraformAddresses(whole)).toBe(whole);
});

test("Terraform's own lock file stays, and so does an empty one", () => {
  const lock = `# made by Terraform\n\n${block("terraform.io", "local")}`;
  expect(withTerraformAddresses(lock)).toBe(lock);
  expect(withTerraformAddresses("")).toBe("");
});
