import { strict as assert } from "node:assert";
import { test } from "node:test";
import { App, type TerraformStack, Testing } from "cdktf";
import { keyVersion } from "openclaw-openrouter";
import { TeamOpenRouter, TeamVault } from "./stacks";

const key = `sk-or-v1-${"0123456789abcdef".repeat(4)}`;

/** The one resource of a type that a stack declares. */
function resource(stack: TerraformStack, type: string) {
  const [only, ...others] = Object.values<Record<string, unknown>>(
    JSON.parse(Testing.synth(stack)).resource[type],
  );
  assert.equal(others.length, 0);
  return only;
}

function stacks() {
  const app = new App();
  const teamVault = new TeamVault(app, "team-vault", { home: "/home/someone/.team-vault" });
  const { vault } = teamVault;
  return {
    teamVault,
    openRouter: new TeamOpenRouter(app, "team-openrouter", { vault, keyVersion: keyVersion(key) }),
  };
}

test("Vault is published on the loopback only", () => {
  const { ports } = resource(stacks().teamVault, "docker_container");
  assert.deepEqual(ports, [{ external: 8300, internal: 8200, ip: "127.0.0.1", protocol: "tcp" }]);
});

test("the key is declared by its version alone", () => {
  const { openRouter } = stacks();
  assert.equal(resource(openRouter, "vault_kv_secret_v2").data_json_wo_version, keyVersion(key));
  assert.doesNotMatch(Testing.synth(openRouter), /0123456789abcdef/);
});
