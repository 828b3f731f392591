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

test("Terraform's provider reaches an external Vault without the proxy of the environment", async () => {
  const folder = scratchFolder();
  const path = join(folder, "terraform");
  writeFileSync(path, '#!/bin/sh\necho "$NO_PROXY" > said\n', { mode: 0o755 });
  const settings = settingsSchema.parse({ vault: { address: "https://vault.example:8200" } });
  const context: TerraformContext = {
    deployment: deployment("default", settings, join(folder, "home"), folder),
    host: {
      program: { path, kind: "terraform", version: "1.11.4", origin: "path" },
      providers: { kind: "registry", cliConfigFile: "", description: "", identity: "" },
    },
  };
  const place = { folder, dataFolder: folder, planFile: join(folder, "plan") };
  Object.assign(process.env, { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: ".corp" });
  await terraformFor(context, "vault", undefined, place).forget(["a.b"]);
  expect(readFileSync(join(folder, "said"), "utf8")).toBe(".corp,vault.example\n");
});
