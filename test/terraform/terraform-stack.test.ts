import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { settingsSchema } from "../../lib/config/settings";
import { deployment } from "../../lib/model/deployment";
import { type TerraformContext, terraformFor } from "../../lib/terraform/terraform-stack";
import { scratchFolder } from "../support/folder";

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

/** What a program in Terraform's place has in its environment. @param vault the settings `vault` */
async function environmentOf(variable: string, vault: object): Promise<string> {
  const folder = scratchFolder();
  const path = join(folder, "terraform");
  writeFileSync(path, `#!/bin/sh\nprintf %s "$${variable}" > said\n`, { mode: 0o755 });
  const context: TerraformContext = {
    deployment: deployment("default", settingsSchema.parse({ vault }), join(folder, "home"), folder),
    host: {
      program: { path, kind: "terraform", version: "1.11.4", origin: "path" },
      providers: { kind: "registry", cliConfigFile: "", description: "", identity: "" },
    },
  };
  const place = { folder, dataFolder: folder, planFile: join(folder, "plan") };
  await terraformFor(context, "vault", undefined, place).forget(["a.b"]);
  return readFileSync(join(folder, "said"), "utf8");
}

test("Terraform's provider reaches an external Vault without the proxy of the environment", async () => {
  Object.assign(process.env, { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: ".corp" });
  const vault = { address: "https://vault.example:8200" };
  expect(await environmentOf("NO_PROXY", vault)).toBe(".corp,vault.example");
});

// A workspace of HCP Terraform runs Terraform there by default, where it can save no plan: hashicorp/terraform, backend_plan.go.
test("Terraform runs on this host, whatever the workspace of a remote backend says", async () => {
  expect(await environmentOf("TF_FORCE_LOCAL_BACKEND", {})).toBe("1");
});
