import { homedir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { keyVersion } from "openclaw-openrouter";
import { TeamOpenRouter, TeamVault } from "./stacks";

// Terraform reads the key from the same variable. The app declares only a digest of it.
const key = process.env.TF_VAR_openrouter_api_key;
if (!key) throw new Error("TF_VAR_openrouter_api_key is not set; expected the OpenRouter key.");

// CDKTF's own validations run a program named terraform, even where only OpenTofu is installed.
const app = new App({ skipValidation: true });
const teamVault = new TeamVault(app, "team-vault", {
  home: join(homedir(), ".team-vault"),
  image: process.env.VAULT_IMAGE,
});
// A dependency instead of a reference: a reference would copy outputs into the other stack's state.
new TeamOpenRouter(app, "team-openrouter", {
  vault: teamVault.vault,
  keyVersion: keyVersion(key),
}).addDependency(teamVault);
app.synth();
