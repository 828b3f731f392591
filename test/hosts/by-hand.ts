import { inHost } from "./parts";
import { openRouterUrl, type Site } from "./site";

const config = {
  storage: { raft: { path: "/vault/file", node_id: "node1" } },
  listener: [{ tcp: { address: "0.0.0.0:8200", tls_disable: true } }],
  api_addr: "http://127.0.0.1:8200",
  cluster_addr: "https://127.0.0.1:8201",
  disable_mlock: true,
  ui: true,
};

/** What section 2.12 has people write, shortened. */
const guideConfig = {
  instance_name: "oa-paris",
  model: { provider: "openrouter", default_model: "anthropic/claude-sonnet-4-20250514" },
  vault: { enabled: true, address: "http://127.0.0.1:8200", token_env: "VAULT_TOKEN" },
  gateway: { port: 3000 },
};

/** Sets a host up by hand by the setup guide's sections 2.7, 2.12 and 2.13. */
export async function setUpByHand(site: Site): Promise<void> {
  // Nothing here has a registry: the image is what a sandbox leaves that is removed again.
  const key = site.key;
  site.host.must(["systemctl", "stop", "openrouter"]);
  site.mustSh(`cd ${site.clone} && npm start -- --instance sandbox --bundle ${inHost.bundle}`);
  const image = "by-hand/vault:1";
  site.docker(`tag $(docker inspect -f '{{.Image}}' openclaw-sandbox-vault) ${image}`);
  site.must("destroy --purge --yes -i sandbox");
  site.host.must(["systemctl", "start", "openrouter"]);
  await site.seen("OpenRouter's stand-in", () => site.host.run(["curl", "-s", openRouterUrl]).code === 0);
  site.docker(
    `run -d --name vault --restart unless-stopped --cap-add IPC_LOCK -p 127.0.0.1:8200:8200 -v vault-file:/vault/file ` +
      `-e VAULT_ADDR=http://127.0.0.1:8200 -e VAULT_LOCAL_CONFIG='${JSON.stringify(config)}' ${image} server`,
  );
  const vault = (args: string, token = "") =>
    site.docker(`exec ${token ? `-e VAULT_TOKEN=${token} ` : ""}vault vault ${args}`);
  await site.seen("Vault answers", () => site.sh("docker exec vault vault status").stdout.includes("Sealed"));
  const { unseal_keys_b64: shares, root_token: token } = JSON.parse(
    vault("operator init -key-shares=5 -key-threshold=3 -format=json"),
  ) as { unseal_keys_b64: string[]; root_token: string };
  site.write("/root/vault-shares", shares.slice(0, 3).join("\n"));
  site.write("/root/vault-root-token", token);
  for (const share of shares.slice(0, 3)) vault(`operator unseal ${share}`);
  await site.seen(
    "Vault is active",
    () => site.sh(`docker exec -e VAULT_TOKEN=${token} vault vault secrets list`).code === 0,
  );
  vault("secrets enable -path=secret kv-v2", token);
  vault(`kv put secret/openrouter api_key=${key}`, token);
  site.mustSh("mkdir -m 700 ~/.openclaw");
  site.write(`${site.deployer.home}/.openclaw/config.json`, JSON.stringify(guideConfig, null, 2));
  site.host.must(["chmod", "600", `${site.deployer.home}/.openclaw/config.json`]);
  const settings = {
    openrouter: { baseUrl: openRouterUrl },
    vault: { address: "http://127.0.0.1:8200", container: "vault" },
  };
  site.write(`${site.home}/openrouter.settings.json`, JSON.stringify(settings, null, 2));
}
