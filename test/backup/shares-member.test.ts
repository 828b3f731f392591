import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Encrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { generateKey } from "openpgp";
import { decryptShares, encryptShares } from "../../lib/backup/shares-member";
import { scratchFolder } from "../support/folder";

const shares = { shares: ["c2hhcmU="], threshold: 1, generation: 2, created: "2026-11-25T12:00:00.000Z" };

test("are opened by the private key of a recipient, and by no other; a root token is left out", async () => {
  const identity = await generateIdentity();
  const member = await encryptShares(
    { ...shares, rootToken: "hvs.x" },
    { recipients: [await identityToRecipient(identity)] },
  );
  expect(member.name).toBe("shares.age");
  expect(member.content.toString("latin1")).not.toContain("c2hhcmU=");
  expect(await decryptShares(member, { identities: [identity] })).toEqual(shares);
  const other = await generateIdentity();
  await expect(decryptShares(member, { identities: [other] })).rejects.toThrow("cannot be decrypted");
});

test("are opened by an OpenPGP key, with its passphrase", async () => {
  const folder = scratchFolder();
  const people = await Promise.all(
    ["Anna", "Ben"].map(async (name) => {
      const { privateKey, publicKey } = await generateKey({ userIDs: [{ name }], passphrase: `of ${name}` });
      const file = join(folder, name);
      writeFileSync(file, publicKey);
      return { file, privateKey, passphrase: `of ${name}` };
    }),
  );
  const member = await encryptShares(shares, { pgpKeys: people.map(({ file }) => file) });
  expect(member.name).toBe("shares.asc");
  for (const { privateKey, passphrase } of people)
    expect(await decryptShares(member, { pgpKey: privateKey, passphrase })).toEqual(shares);
  const wrong = { pgpKey: people[0]!.privateKey, passphrase: "wrong one" };
  const error = await decryptShares(member, wrong).catch(String);
  expect(error).toContain("cannot be decrypted");
  expect(error).not.toContain("wrong one");
});

test("are opened by their passphrase", async () => {
  const member = await encryptShares(shares, { passphrase: "correct horse" });
  expect(await decryptShares(member, { passphrase: "correct horse" })).toEqual(shares);
  // A passphrase is made slow to try.
}, 300_000);

test.each(["19", "20", "63", "x", "018"])("a passphrase with a work of 2^%s is not tried", async (work) => {
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(2);
  encrypter.setPassphrase("x");
  const cheap = Buffer.from(await encrypter.encrypt("x")).toString("latin1");
  const content = Buffer.from(cheap.replace(/^(-> scrypt \S+) 2$/m, `$1 ${work}`), "latin1");
  await expect(decryptShares({ name: "shares.age", content }, { passphrase: "x" })).rejects.toThrow(
    "would cost more",
  );
});
