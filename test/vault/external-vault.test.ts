import { identityNames } from "../../lib/model/vault/identities";
import { writeCredential } from "../../lib/store/credentials";
import { writeExternalVault } from "../../lib/store/records/external-vault-record";
import { inspectVault } from "../../lib/vault/external-vault";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { serveStub } from "../support/vault/server";

/** Inspects a Vault of a cluster at the address where this instance's was. */
async function inspect(clusterId: string) {
  const calls: string[] = [];
  const status = { type: "shamir", initialized: true, sealed: false, t: 3, n: 5, progress: 0 };
  const stub = await serveStub(({ name }) => {
    calls.push(name);
    if (name === "GET sys/seal-status") return [200, { ...status, version: "1.21.2", cluster_id: clusterId }];
    return name.startsWith("GET sys/internal/ui/mounts") ? [200, {}] : [400, { errors: ["invalid"] }];
  });
  try {
    const { address } = stub;
    const home = homeOf(scratchFolder());
    for (const name of identityNames) writeCredential(home, name, { roleId: "r", secretId: "s" });
    writeExternalVault(home, { address, clusterId: "the first", writing: false });
    const external = { prefix: "openclaw-a", keyPath: "secret/openrouter" };
    const { missing } = await inspectVault({ home: home.root, address, external });
    return { missing, logins: calls.filter((name) => name.includes("login")).length };
  } finally {
    await stub.close();
  }
}

test("a Vault that took over the address gets no credential, and is named before an admin's token is given", async () => {
  expect(await inspect("another")).toEqual({
    missing: "another Vault answers there than before (cluster another, not the first)",
    logins: 0,
  });
  const same = await inspect("the first");
  expect(same.missing).toContain("no working identities");
  expect(same.logins).toBeGreaterThan(0);
});
