import { evictAgain } from "../../../lib/operations/hosts/evict-again";
import { recordEviction } from "../../../lib/store/records/hosts-record";
import type { VaultClient } from "../../../lib/vault/client";
import { homeOf } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

let mockRoot: object;
jest.mock("../../../lib/vault/identities/root-session", () => ({
  withUnrecordedRootToken: (_: object, __: object, work: (root: object) => unknown) => work(mockRoot),
}));

const wrapping = (path: string) => ({ policies: ["response-wrapping"], path });

/** Restored data, with the calls that end an access. */
function restored(roleIds: Record<string, string>) {
  const tokens: Record<string, object> = {
    invitation: wrapping("auth/approle/role/openclaw-host-web1/secret-id"),
    "somebody's": wrapping("auth/approle/role/ci/secret-id"),
    "the key, wrapped": wrapping("secret/data/openrouter"),
    login: { policies: ["openclaw-host-web1"], path: "auth/approle/login" },
  };
  const ended: string[] = [];
  mockRoot = {
    list: async () => Object.keys(tokens),
    submit: async (_: string, { accessor }: { accessor: string }) => ({
      data: { accessor, ...tokens[accessor] },
    }),
    write: async (path: string, { accessor }: { accessor?: string }) =>
      ended.push(accessor === undefined ? path : `${path} ${accessor}`),
    find: async ({ method, path }: { method?: string; path: string }) => {
      if (method === "DELETE") ended.push(`delete ${path}`);
      const [, role = ""] = /role\/([^/]+)\/role-id$/.exec(path) ?? [];
      return roleIds[role] && { data: { role_id: roleIds[role] } };
    },
  };
  return ended;
}

const home = () => homeOf(scratchFolder());
const shares = { shares: ["a"], threshold: 1 };
const vault = {} as VaultClient;

test("an invitation that is open in restored data ends, and no other token does", async () => {
  const ended = restored({});
  await evictAgain({ home: home() }, vault, shares, { closesInvitations: true });
  expect(ended).toEqual(["auth/token/revoke-accessor invitation"]);
});

test("an eviction is applied to the role of its id alone, and leaves invitations open in the previous data", async () => {
  const to = home();
  const role = "openclaw-host-web1";
  recordEviction(to, { role, roleIds: ["first", "second"], keys: [] });
  const ended = restored({ [role]: "second" });
  await evictAgain({ home: to }, vault, shares);
  expect(ended).toContain(`delete auth/approle/role/${role}`);
  expect(ended.join()).not.toContain("accessor");
  const other = restored({ [role]: "third" });
  await evictAgain({ home: to }, vault, shares);
  expect(other).toEqual([]);
});
