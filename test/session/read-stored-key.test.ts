import type { HomePaths } from "../../lib/model/home-paths";
import { findStoredKey, readStoredKey } from "../../lib/session/read-stored-key";
import { writeCredential } from "../../lib/store/credentials";
import { VaultClient } from "../../lib/vault/client";
import { VaultUnreachable } from "../../lib/vault/unanswered";
import { canary, homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { type Answer, type Stub, serveStub } from "../support/vault/server";

let stub: Stub;
let home: HomePaths;
let login: Answer;
let secret: Answer;

beforeEach(async () => {
  home = homeOf(scratchFolder());
  writeCredential(home, "reader", { roleId: "role", secretId: "secret" });
  login = [200, { auth: { client_token: "hvb.reader" } }];
  stub = await serveStub(({ name }) => (name === "POST auth/approle/login" ? login : secret));
});
afterEach(() => stub.close());

const metadata = { version: 3, created_time: "2026-11-23T10:00:00Z", deletion_time: "", destroyed: false };
const read = () => readStoredKey(VaultClient.at({ address: stub.address }), home);

test("is read as the reader", async () => {
  secret = [200, { data: { data: { api_key: canary }, metadata } }];
  expect(await read()).toEqual({ key: canary, version: 3, created: metadata.created_time, ends: "" });
  expect(stub.calls).toEqual([
    { name: "POST auth/approle/login", token: undefined, body: { role_id: "role", secret_id: "secret" } },
    { name: "GET secret/data/openrouter", token: "hvb.reader", body: undefined },
  ]);
});

test.each([
  ["another field", { apikey: canary }],
  ["a number", { api_key: 7 }],
])("%s is not taken for a key", async (_, data) => {
  secret = [200, { data: { data, metadata } }];
  expect(await read()).toEqual({
    ...{ key: undefined, version: 3, created: metadata.created_time, ends: "" },
    otherFields: Object.keys(data),
  });
});

test.each<[string, Answer]>([
  ["never written", [404, { errors: [] }]],
  ["its version deleted", [404, { data: { data: null, metadata } }]],
  ["no content in its version", [200, { data: { data: null, metadata } }]],
  ["the mount not there yet", [403, { errors: ["preflight capability check returned 403"] }]],
])("no key is stored: %s", async (_, answer) => {
  secret = answer;
  expect(await read()).toBeUndefined();
});

test("no key is stored if the reader cannot log in yet", async () => {
  login = [400, { errors: ["invalid role or secret ID"] }];
  expect(await read()).toBeUndefined();
  expect(
    await readStoredKey(VaultClient.at({ address: stub.address }), homeOf(scratchFolder())),
  ).toBeUndefined();
});

test.each<[string, Answer]>([
  ["a sealed Vault", [503, { errors: ["Vault is sealed"] }]],
  ["what is not Vault", [200, "<html>"]],
])("%s is an error, not a missing key", async (_, answer) => {
  secret = answer;
  await expect(read()).rejects.toThrow(typeof answer[1] === "string" ? VaultUnreachable : "Vault is sealed");
});

test.each<[string, Answer]>([
  ["that has no policy", [403, { errors: ["permission denied"] }]],
  ["that cannot log in", [400, { errors: ["invalid role or secret ID"] }]],
])("a deploy finds the key as the auditor, for a reader %s", async (_, refusal) => {
  writeCredential(home, "auditor", { roleId: "auditor", secretId: "secret" });
  const ofReader = refusal[0] === 400 ? refusal : login;
  const found: Answer = [200, { data: { data: { api_key: canary }, metadata } }];
  await stub.close();
  stub = await serveStub(({ name, token, body }) => {
    if (name !== "POST auth/approle/login") return token === "hvb.auditor" ? found : refusal;
    const isAuditor = (body as { role_id: string }).role_id === "auditor";
    return isAuditor ? [200, { auth: { client_token: "hvb.auditor" } }] : ofReader;
  });
  const vault = VaultClient.at({ address: stub.address });
  expect(await readStoredKey(vault, home)).toBeUndefined();
  expect(await findStoredKey(vault, home)).toMatchObject({ key: canary });
});
