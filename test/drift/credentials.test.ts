import type { DriftContext } from "../../lib/drift/context";
import { credentials } from "../../lib/drift/probes/credentials";
import { type IdentityName, identityNames } from "../../lib/model/vault/identities";
import { writeCredential } from "../../lib/store/credentials";
import { VaultClient, VaultFailure } from "../../lib/vault/client";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";

const mockStatus: Partial<Record<IdentityName, number>> = {};
jest.mock("../../lib/vault/log-in", () => ({
  logInWith: async (vault: VaultClient, { roleId }: { roleId: IdentityName }) => {
    const status = mockStatus[roleId];
    return status === undefined ? vault : new VaultFailure(status, ["refused"], "POST auth/approle/login");
  },
}));

async function inspect(statuses: typeof mockStatus, external?: object) {
  for (const name of identityNames) delete mockStatus[name];
  Object.assign(mockStatus, statuses);
  const home = homeOf(scratchFolder());
  for (const name of identityNames) writeCredential(home, name, { roleId: name, secretId: "s" });
  const vault = VaultClient.at({ address: "http://127.0.0.1:1" });
  const renewal = { by: "command", command: "renew" };
  const context = { home, vault, renewal, deployed: { external }, requireOpen: async () => {} };
  return credentials.inspect(context as unknown as DriftContext);
}

const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);

test("an auth method is gone where it refuses everybody, not where one identity is shut out", async () => {
  expect(await inspect({})).toEqual([]);
  const all = { deployer: 403, reader: 403, auditor: 403 };
  expect(ids(await inspect(all))).toContain("vault.mount:approle");
  const one = await inspect({ reader: 403 });
  expect(ids(one)).toEqual(["credentials.reader"]);
  expect(one[0]).toMatchObject({ summary: expect.stringContaining("disabled"), fix: { command: "renew" } });
  expect(ids(await inspect({ reader: 400 }))).toEqual(["credentials.reader"]);
});

test("no admin's token of this program enables what an external Vault's owner disabled", async () => {
  const [found] = await inspect({ auditor: 403 }, { prefix: "openclaw-a", keyPath: "secret/openrouter" });
  expect(found?.fix).toMatchObject({ by: "person", command: expect.stringContaining("openclaw-a-auditor") });
});
