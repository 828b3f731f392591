import { UserError } from "../../lib/core/errors";
import { VaultClient, VaultFailure } from "../../lib/vault/client";
import { logInWith } from "../../lib/vault/log-in";
import { type Answer, serveStub } from "../support/vault/server";

/** A login at a Vault that answers so. */
async function logInAt(answer: Answer) {
  const stub = await serveStub(() => answer);
  try {
    const credential = { roleId: "r", secretId: "s" };
    return await logInWith(VaultClient.at({ address: stub.address }), credential).catch((error) => error);
  } finally {
    await stub.close();
  }
}

test("a login gives a token, or says why not", async () => {
  const auth = { client_token: "hvb.x", mfa_requirement: null };
  expect(await logInAt([200, { auth }])).toBeInstanceOf(VaultClient);
  expect(await logInAt([400, { errors: ["invalid role or secret ID"] }])).toBeInstanceOf(VaultFailure);
  expect(String(await logInAt([429, { errors: ["quota exceeded"] }]))).toContain("takes no more calls");
});

test("a second factor that somebody enforces is named, and is no Vault that does not answer", async () => {
  const mfa_requirement = { mfa_request_id: "1", mfa_constraints: {} };
  const found = await logInAt([200, { auth: { client_token: "", mfa_requirement } }]);
  expect(found).toBeInstanceOf(UserError);
  expect(String(found)).toContain("second factor");
});
