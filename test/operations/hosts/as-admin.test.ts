import { asAdmin } from "../../../lib/operations/hosts/as-admin";
import type { EngineContext } from "../../../lib/session/context";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";
import { openVault, type Stub, serveStub } from "../../support/vault/server";

let stub: Stub;
/** What the token may do; undefined: it may not even ask. */
let granted: Record<string, string[]> | undefined;

beforeEach(async () => {
  granted = { "identity/entity-alias": ["update"] };
  stub = await serveStub(({ name }) => {
    if (name === "GET sys/seal-status") return [200, openVault];
    if (name === "POST sys/capabilities-self")
      return granted ? [200, { data: granted }] : [403, { errors: ["permission denied"] }];
    return name.startsWith("PUT ") ? [403, { errors: ["permission denied"] }] : [200, {}];
  });
});
afterEach(() => stub.close());

function run(work: Parameters<typeof asAdmin>[2]) {
  const deployment = describeInstance({ vault: { address: stub.address } }, { home: scratchFolder() });
  const needs = { "identity/entity-alias": ["update"] };
  const askAdminToken = async () => "a-token";
  return asAdmin({ deployment } as EngineContext, { why: "invite web1", askAdminToken, needs }, work);
}

test.each([
  ["that may not do all of it", { "identity/entity-alias": ["deny"] }, "identity/entity-alias: update"],
  ["that may not ask what it may do", undefined, "sys/capabilities-self: update"],
])("an admin's token %s does nothing", async (_, grants, lacks) => {
  granted = grants;
  const work = jest.fn();
  await expect(run(work)).rejects.toMatchObject({
    props: { got: `it lacks ${lacks}`, expected: expect.stringContaining("docs/many-hosts.md") },
  });
  expect(work).not.toHaveBeenCalled();
});

test("what Vault refuses on the way is the token's fault, and no change of the instance's own policies", async () => {
  const refused = run((admin) => admin.write("sys/policies/acl/openclaw-host-web1", {}, "PUT"));
  await expect(refused).rejects.toMatchObject({
    props: {
      got: "403 to PUT sys/policies/acl/openclaw-host-web1",
      expected: expect.stringContaining("docs/many-hosts.md"),
    },
  });
});
