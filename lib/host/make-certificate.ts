import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../errors";
import { readTextIfThere, syncFolder } from "../instance/files";
import { ensureHome } from "../instance/home";
import { madeTls } from "../model/deployment";
import type { HomePaths } from "../model/home-paths";
import { childEnvironment } from "./environment";
import { run } from "./process";

const day = 86_400_000;

/** How long one is in force, and from when on a deploy makes the next one, in days. */
const lasts = 3650;
const renewedBefore = 365;

/**
 * Sees that the home holds a certificate for Vault that vouches for itself, with its key: made by openssl where there is none, or
 * where the one that is there ends within a year. Neither leaves this host but onto the container's volume.
 * @returns whether one was made
 * @throws UserError where there is no openssl
 */
export async function ensureCertificate(
  home: HomePaths,
  { now = new Date(), program = "openssl" } = {},
): Promise<boolean> {
  const folder = home.madeTls;
  const { certificateFile, keyFile } = madeTls(home);
  if (lastsLongEnough(readTextIfThere(certificateFile), now) && readTextIfThere(keyFile)) return false;
  ensureHome(home.root);
  // Both at once: a certificate beside another one's key serves nobody.
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  await makeInto(draft, program);
  for (const name of readdirSync(draft)) chmodSync(join(draft, name), 0o600);
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
  syncFolder(dirname(folder));
  return true;
}

function lastsLongEnough(certificate: string | undefined, now: Date): boolean {
  if (!certificate) return false;
  return Date.parse(new X509Certificate(certificate).validTo) - now.getTime() > renewedBefore * day;
}

async function makeInto(folder: string, program: string): Promise<void> {
  const args = [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-batch"],
    ...["-subj", "/CN=openclaw-openrouter Vault", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"],
    ...["-days", String(lasts)],
    ...["-keyout", join(folder, "key.pem"), "-out", join(folder, "certificate.pem")],
  ];
  const { exitCode, failure, stderr } = await run(program, args, { env: childEnvironment({}) });
  if (exitCode === 0) return;
  rmSync(folder, { recursive: true, force: true });
  throw new UserError({
    problem: "No certificate could be made for Vault.",
    got: failure ?? stderr.split("\n").slice(-3).join("\n"),
    expected: "openssl 1.1.1 or newer",
    remedy:
      "sudo apt-get install -y openssl\nor name files of your own: `vault.tls.certificateFile`, `keyFile` and `caFile`",
  });
}
