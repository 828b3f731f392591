import { join } from "node:path";
import { settingsSchema } from "../../lib/config/settings";
import { deployment } from "../../lib/model/deployment";
import { type StateStore, stateStore } from "../../lib/terraform/state-store";
import type { TerraformContext } from "../../lib/terraform/terraform-stack";
import { script } from "../host/support";
import { scratchFolder } from "../support/folder";

test("two places of one kind of backend stay two: a move reads the old one again after it has written", async () => {
  const folder = scratchFolder();
  // Reads the schema at which its folder is initialized, as the state's lineage.
  const path = script(
    join(folder, "terraform"),
    `[ "$1" = state ] || exit 0
sed -n 's/.*"schema_name": "\\(.*\\)".*/{"version":4,"lineage":"\\1","serial":1,"resources":[]}/p' backend.tf.json`,
  );
  const context: TerraformContext = {
    deployment: deployment("default", settingsSchema.parse({}), join(folder, "home"), folder),
    host: {
      program: { path, kind: "terraform", version: "1.11.4", origin: "path" },
      providers: { kind: "registry", cliConfigFile: "", description: "", identity: "" },
    },
  };
  const lineageIn = async (store: StateStore) => ((await store.read()) as { lineage: string }).lineage;
  const at = (name: string) =>
    stateStore(context, "vault", { type: "pg", config: { schema_name: `${name}_{stack}` } });
  const [from, to] = [at("before"), at("after")];
  expect(await lineageIn(from)).toBe("before_vault");
  expect(await lineageIn(to)).toBe("after_vault");
  expect(await lineageIn(from)).toBe("before_vault");
});
