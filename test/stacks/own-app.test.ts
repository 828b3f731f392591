import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { canary } from "../support/deployment";
import { readPage } from "../support/docs";
import { contentOf, scratchFolder } from "../support/folder";

jest.mock("openclaw-openrouter", () => jest.requireActual("../../lib/index"), { virtual: true });

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

test("the example app is synthesized where neither Docker nor Terraform is installed", () => {
  const outdir = scratchFolder();
  // By this variable CDKTF finds Terraform; OpenTofu's users have no program named terraform either.
  const missing = { TERRAFORM_BINARY_NAME: join(outdir, "terraform") };
  Object.assign(process.env, { ...missing, CDKTF_OUTDIR: outdir, TF_VAR_openrouter_api_key: canary });
  jest.requireActual("../../examples/own-app/main");
  expect(readdirSync(join(outdir, "stacks")).sort()).toEqual(["team-openrouter", "team-vault"]);
  // The page has the step that renews the certificate run again by this part of its name.
  expect(readFileSync(join(outdir, "stacks/team-vault/cdk.tf.json"), "utf8")).toMatch(/"server_prepare_\w+"/);
  expect(readPage("examples/own-app/README.md")).toMatch(/apply -replace=.*grep server_prepare\)/);
  expect(Object.values(contentOf(outdir)).join()).not.toContain(canary.slice(9, 30));
});
