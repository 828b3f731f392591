import { z } from "zod";
import type { VaultPlace } from "../../../lib/model/deployment";
import type { IdentityName } from "../../../lib/model/vault/identities";
import { instanceTlsPaths } from "../../../lib/model/vault/vault-tls";
import { VaultClient } from "../../../lib/vault/client";
import { generateRoot } from "../../../lib/vault/identities/root";
import { logIn } from "../../../lib/vault/log-in";
import { readShares } from "../../../lib/vault/shares/shares-file";
import type { TestHost } from "./host";

const json = z.any();

/** An instance's Vault, as a person with the shares, or one of the identities, sees it. */
export class TestVault {
  readonly client: VaultClient;
  /** Where it is reached, and by what its certificate is verified. */
  readonly place: VaultPlace;

  constructor(
    private readonly host: TestHost,
    private readonly instance = "default",
    readonly container = "vault",
    port = 8200,
    /** CA certificates that verify its own. @default the instance's */
    caFile = instanceTlsPaths(host.home(instance).tls).ca,
  ) {
    this.place = { address: `https://127.0.0.1:${port}`, caFile };
    this.client = VaultClient.at(this.place);
  }

  /** The setup guide's own command, word for word. */
  key(): string {
    return this.host.docker(
      "exec",
      this.container,
      "vault",
      "kv",
      "get",
      "-field=api_key",
      "secret/openrouter",
    );
  }

  /** The key as the reader reads it, by a login of its own. */
  async keyAsReader(): Promise<string> {
    const shape = z.object({ data: z.object({ data: z.object({ api_key: z.string() }) }) });
    const { data } = await (await this.as("reader")).call({ path: "secret/data/openrouter" }, shape);
    return data.data.api_key;
  }

  /**
   * Does something as root: a token made from the shares, and revoked at the end.
   * @param path of the shares. @default they are on the host
   */
  async asRoot<T>(work: (root: VaultClient) => Promise<T>, path?: string): Promise<T> {
    const shares = readShares(path ?? this.host.home(this.instance).shares);
    if (!shares) throw new Error("there are no shares");
    const root = this.client.withToken(await generateRoot(this.client, shares));
    try {
      return await work(root);
    } finally {
      await root.call({ method: "POST", path: "auth/token/revoke-self" }, json);
    }
  }

  /** @throws Error where the identity cannot log in */
  async as(identity: IdentityName): Promise<VaultClient> {
    const client = await logIn(this.client, this.host.home(this.instance), identity);
    if (!client) throw new Error(`${identity} cannot log in`);
    return client;
  }

  /** What `vault kv put secret/openrouter api_key=…` does. */
  async storeKeyByHand(key: string): Promise<void> {
    const deployer = await this.as("deployer");
    await deployer.call(
      { method: "POST", path: "secret/data/openrouter", body: { data: { api_key: key } } },
      json,
    );
  }

  /** The policies of every living service token. */
  async tokenPolicies(): Promise<string[][]> {
    const auditor = await this.as("auditor");
    const list = await auditor
      .call(
        { method: "LIST", path: "auth/token/accessors" },
        z.object({ data: z.object({ keys: z.array(z.string()) }) }),
      )
      // 404: no token lives at all.
      .catch((error) => {
        if (error.status === 404) return { data: { keys: [] } };
        throw error;
      });
    const answers = list.data.keys.map((accessor) =>
      auditor.call(
        { method: "POST", path: "auth/token/lookup-accessor", body: { accessor } },
        z.object({ data: z.object({ policies: z.array(z.string()) }) }),
      ),
    );
    return (await Promise.all(answers)).map(({ data }) => data.policies);
  }

  /** When the container was made and last started: the same as long as nobody restarted or replaced it. */
  started(): string {
    return this.host.docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", this.container);
  }
}
