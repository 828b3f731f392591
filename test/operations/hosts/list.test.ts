import { listHosts } from "../../../lib/operations/hosts/list";
import { writeHosts } from "../../../lib/store/records/hosts-record";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

let mockEntity: object | undefined;
let mockIsOpen = false;
jest.mock("../../../lib/vault/log-in", () => ({
  logInTo: async () => ({
    find: async () => mockEntity,
    submit: async () => {
      const { VaultFailure } = jest.requireActual("../../../lib/vault/client");
      if (!mockIsOpen) throw new VaultFailure(403, ["invalid accessor"], "lookup");
    },
  }),
}));
jest.mock("../../../lib/docker/engine", () => ({ answeringEngine: async () => undefined }));

test("a host is listed as evicted if Vault has it no more, and not for the record of an eviction alone", async () => {
  const deployment = describeInstance({}, { home: scratchFolder() });
  const [role, roleId] = ["openclaw-host-web1", "id-web1"];
  writeHosts(deployment.home, {
    hosts: [
      {
        ...{ name: "web1", role, roleId, keyPath: "secret/openrouter/web1", addresses: [] },
        ...{ invited: "2026-11-01T00:00:00Z", ends: "2026-11-02T00:00:00Z", entityId: "e", accessor: "a" },
      },
    ],
    evicted: [{ role, roleId, at: "2026-11-20T00:00:00Z" }],
  });
  const state = async () => {
    const { signal } = new AbortController();
    const { hosts } = await listHosts(deployment, { managementKey: undefined, signal });
    return hosts.map((host) => host.state);
  };
  mockEntity = { data: { aliases: [{ metadata: { role_name: role } }] } };
  expect(await state()).toEqual(["joined"]);
  mockEntity = undefined;
  expect(await state()).toEqual(["evicted"]);
});

test("an invitation that was closed before its time is not listed as open", async () => {
  const deployment = describeInstance({}, { home: scratchFolder() });
  const ends = new Date(Date.now() + 60_000).toISOString();
  writeHosts(deployment.home, {
    hosts: [
      {
        ...{ name: "web1", role: "openclaw-host-web1", roleId: "id", keyPath: "secret/openrouter/web1" },
        ...{ addresses: [], invited: "2026-11-01T00:00:00Z", ends, entityId: "e", accessor: "a" },
      },
    ],
    evicted: [],
  });
  const state = async () => {
    const { signal } = new AbortController();
    return (await listHosts(deployment, { managementKey: undefined, signal })).hosts[0]?.state;
  };
  mockEntity = { data: { aliases: [{ metadata: null }] } };
  mockIsOpen = true;
  expect(await state()).toBe("invited");
  mockIsOpen = false;
  expect(await state()).toBe("invitation ended");
});
