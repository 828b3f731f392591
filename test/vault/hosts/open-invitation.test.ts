import { VaultClient } from "../../../lib/vault/client";
import { useInvitation, verifyInvitation } from "../../../lib/vault/hosts/open-invitation";
import { type Answer, openVault, type Stub, serveStub } from "../../support/vault/server";

const invitation = {
  name: "web1",
  address: "",
  token: "hvs.wrapping",
  role: "openclaw-host-web1",
  roleId: "role-id",
  prefix: "",
  keyPath: "secret/openrouter",
  baseUrl: "https://openrouter.ai/api/v1",
  ends: "2999-01-01T00:00:00Z",
};
const opened: Answer = [200, { data: { secret_id: "the-secret-id" } }];
const found: Answer = [200, { data: { creation_path: "auth/approle/role/openclaw-host-web1/secret-id" } }];
const fault: Answer = [500, { errors: ["internal error"] }];
const used: Answer = [400, { errors: ["wrapping token is not valid or does not exist"] }];

const stubs: Stub[] = [];
afterEach(async () => {
  for (const stub of stubs.splice(0)) await stub.close();
});

/** Opens the invitation at a Vault that gives these answers, in this order. */
async function openWith(unwraps: Answer[], lookups: Answer[] = []) {
  const stub = await serveStub(
    ({ name }) => (name === "POST sys/wrapping/unwrap" ? unwraps : lookups).shift() ?? [500, {}],
  );
  stubs.push(stub);
  const vault = VaultClient.at({ address: stub.address });
  return useInvitation(vault, invitation as never).then(
    (credential) => credential,
    (error: { props?: { problem: string } }) => error.props?.problem ?? String(error),
  );
}

test("an opening that failed by a fault of Vault's is repeated, since the invitation is unused", async () => {
  const credential = { roleId: "role-id", secretId: "the-secret-id" };
  expect(await openWith([fault, opened], [fault, found])).toEqual(credential);
});

test("an opening that may have been done is no theft", async () => {
  const undecided = "Vault went away while it opened this invitation.";
  expect(await openWith([fault], [used])).toBe(undecided);
  expect(await openWith([fault, used], [found])).toBe(undecided);
});

test("an opening that Vault refuses tells of a theft, and is not repeated", async () => {
  expect(await openWith([used, opened], [found])).toMatch(/was used before/);
  expect(stubs[0]?.calls).toHaveLength(1);
});

test("one that has ended may have been used before by a thief, which the Vault's host knows", async () => {
  const stub = await serveStub(({ name }) => (name === "POST sys/wrapping/lookup" ? used : [200, openVault]));
  stubs.push(stub);
  const late = { ...invitation, address: stub.address, ends: "2026-01-01T00:00:00Z" };
  await expect(verifyInvitation(VaultClient.at(late), late as never)).rejects.toMatchObject({
    props: {
      problem: expect.stringContaining("has ended"),
      fix: expect.stringMatching(/host invite web1 --again.*\n.*host list.*host evict web1/),
    },
  });
});
