import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { certificateProblem } from "../../../lib/vault/tls/certificate-time";
import { certifyServer, makeAuthority } from "../../../lib/vault/tls/certificates";
import { scratchFolder } from "../../support/folder";

const day = 86_400_000;
const now = new Date("2026-03-01T00:00:00Z");
const days = (count: number) => new Date(now.getTime() + count * day);
const folder = scratchFolder();

/** Files of which server and CA end after so many days. @param lifetime of the server's, in days */
async function files(server: number, authorities: readonly number[], made: boolean, lifetime: number) {
  const paths = {
    certificateFile: join(folder, "server.pem"),
    keyFile: join(folder, "key.pem"),
    caFile: join(folder, "ca.pem"),
  };
  const signers = await Promise.all(
    authorities.map((end) =>
      makeAuthority("a CA", { notBefore: days(-4000), notAfter: days(end) }, { dns: ["localhost"], ip: [] }),
    ),
  );
  const validity = { notBefore: days(server - lifetime), notAfter: days(server) };
  const { certificate } = await certifyServer(signers[0]!, validity, ["localhost"]);
  writeFileSync(paths.caFile, signers.map((each) => each.certificate).join(""));
  writeFileSync(paths.certificateFile, certificate);
  return { ...paths, ...(made ? { made: true as const } : {}) };
}

test.each([
  ["the instance's own, renewed in time", true, 411, [3000], undefined],
  [
    "the instance's own, past the time of its renewal",
    true,
    364,
    [3000],
    "Vault's certificate ends in 364 days",
  ],
  ["the instance's own that ended", true, -80, [3000], "Vault's certificate ended 80 days ago"],
  ["a CA that ends, with its successor beside it", true, 800, [100, 3600], undefined],
  ["a CA that ends alone", true, 800, [100], "the CA ends in 100 days"],
  ["the user's own, good for a month", false, 31, [3000], undefined],
  ["the user's own, at its end", false, 29, [3000], "Vault's certificate ends in 29 days"],
] as const)("%s", async (_, made, server, authorities, problem) => {
  expect(certificateProblem(await files(server, authorities, made, 1000), now)).toBe(problem);
});

test.each([
  ["Let's Encrypt's, on the day of its renewal", 90, 29, undefined],
  ["Let's Encrypt's, a week after it", 90, 22, "Vault's certificate ends in 22 days"],
  ["one of 45 days, on the day of its renewal", 45, 15, undefined],
  ["one of 45 days, after it", 45, 11, "Vault's certificate ends in 11 days"],
] as const)("a short one of the user's own: %s", async (_, lifetime, left, problem) => {
  expect(certificateProblem(await files(left, [3000], false, lifetime), now)).toBe(problem);
});
