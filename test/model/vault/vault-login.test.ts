import { App, TerraformStack, TerraformVariable } from "cdktf";
import { homePaths } from "../../../lib/model/home-paths";
import { vaultLogin } from "../../../lib/model/vault/vault-login";
import { scratchFolder } from "../../support/folder";

test("a home that Terraform knows later is refused: the ids would be read from a wrong path, and be empty", () => {
  const stack = new TerraformStack(new App({ outdir: scratchFolder() }), "theirs");
  const home = new TerraformVariable(stack, "home", { type: "string" }).stringValue;
  expect(() => vaultLogin(homePaths(home), "deployer")).toThrow("expected an absolute path");
});

test("a home with the sign of an expression is a path", () => {
  const path = '"/homes/$${x}/credentials/deployer/role_id"';
  expect(vaultLogin(homePaths("/homes/${x}"), "deployer").parameters.role_id).toBe(
    `\${fileexists(${path}) ? trimspace(file(${path})) : ""}`,
  );
});
