import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateKey } from "openpgp";
import { UserError } from "../../../lib/core/errors";
import { ExitCode } from "../../../lib/core/exit-codes";
import { encryptForHolders, readPgpKey } from "../../../lib/vault/shares/pgp-keys";
import { scratchFolder } from "../../support/folder";
import { type Holder, makeHolder } from "../../support/pgp";

const folder = scratchFolder();
let anna: Holder;
let ben: Holder;
beforeAll(async () => {
  anna = await makeHolder(folder, "Anna");
  ben = await makeHolder(folder, "Ben");
});

const file = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

test("a public key names its holder, and encrypts for nobody else", async () => {
  const key = await readPgpKey(anna.file);
  expect([key.holder, key.fingerprint]).toEqual([anna.name, anna.fingerprint]);
  const armored = await key.encrypt("a share");
  expect(await anna.decrypt(armored)).toBe("a share");
  await expect(ben.decrypt(armored)).rejects.toThrow();
});

test("a text for several can be read by each of them", async () => {
  const armored = await encryptForHolders([anna.file, ben.file], "a share");
  expect([await anna.decrypt(armored), await ben.decrypt(armored)]).toEqual(["a share", "a share"]);
});

describe("wrong usage, by name", () => {
  const refusal = async (path: string) => {
    const error = await readPgpKey(path).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UserError);
    const { exitCode, props } = error as UserError;
    expect(exitCode).toBe(ExitCode.WrongUsage);
    return props;
  };

  test("a file that is not there", async () => {
    expect(await refusal(join(folder, "missing"))).toMatchObject({ got: "ENOENT" });
  });

  test("a file without a key", async () => {
    expect((await refusal(file("text", "no key"))).problem).toMatch(/does not hold one OpenPGP public key/);
  });

  test("the keys of two people one after the other, of which only the first would be read", async () => {
    const both = [anna, ben].map((holder) => readFileSync(holder.file, "utf8")).join("\n");
    expect((await refusal(file("both", both))).got).toBe("2 keys");
  });

  test("a keyring, of which only the first key would get every share", async () => {
    const binary = ({ file }: Holder) =>
      Buffer.from(readFileSync(file, "utf8").split("\n\n")[1]!.split("\n=")[0]!, "base64");
    const path = join(folder, "keyring");
    writeFileSync(path, binary(anna));
    expect((await readPgpKey(path)).holder).toBe(anna.name);
    writeFileSync(path, Buffer.concat([binary(anna), binary(ben)]));
    expect((await refusal(path)).got).toBe("2 keys");
  });

  test("a private key", async () => {
    const { privateKey } = await generateKey({ userIDs: [{ name: "Eve" }], format: "armored" });
    expect((await refusal(file("private", privateKey))).problem).toMatch(/contains a private key/);
  });

  test("an expired key", async () => {
    const { publicKey } = await generateKey({
      userIDs: [{ name: "Old" }],
      format: "armored",
      date: new Date("2020-01-01"),
      keyExpirationTime: 3600,
    });
    expect((await refusal(file("old", publicKey))).problem).toMatch(/Encryption is not possible/);
  });
});
