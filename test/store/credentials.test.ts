import { homePaths } from "../../lib/model/home-paths";
import { writeCredential } from "../../lib/store/credentials";
import { VaultClient, VaultFailure } from "../../lib/vault/client";
import { logIn, logInWith } from "../../lib/vault/log-in";
import { scratchFolder } from "../support/folder";
import { type Answer, type Stub, serveStub } from "../support/vault/server";

const credential = { roleId: "role", secretId: "secret" };
let answer: Answer;
let stub: Stub;

beforeAll(async () => {
  stub = await serveStub(() => answer);
});
afterAll(() => stub.close());

function instance() {
  const home = homePaths(scratchFolder());
  writeCredential(home, "reader", credential);
  return { home, vault: VaultClient.at({ address: stub.address }) };
}

test("a login gives a client with the token", async () => {
  const { home, vault } = instance();
  answer = [200, { auth: { client_token: "hvb.token" } }];
  expect(await logIn(vault, home, "reader")).toBeInstanceOf(VaultClient);
  expect(stub.calls.at(-1)?.body).toEqual({ role_id: "role", secret_id: "secret" });
});

test("without a credential Vault is not asked", async () => {
  const { home, vault } = instance();
  const { length } = stub.calls;
  expect(await logIn(vault, home, "auditor")).toBeUndefined();
  expect(stub.calls).toHaveLength(length);
});

test.each([400, 403])("that Vault refuses it with %d is reported", async (status) => {
  const { home, vault } = instance();
  answer = [status, { errors: ["no"] }];
  expect(await logIn(vault, home, "reader")).toBeUndefined();
  const refused = await logInWith(vault, credential);
  expect(refused).toBeInstanceOf(VaultFailure);
  expect(refused).toMatchObject({ status });
});

test("a quota is no refusal", async () => {
  const { home, vault } = instance();
  answer = [429, { errors: ["rate limit quota exceeded"] }];
  await expect(logIn(vault, home, "reader")).rejects.toThrow("takes no more calls for now");
});
