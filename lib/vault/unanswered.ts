import { UserError, type UserErrorProps } from "../core/errors";
import { CertificateRefused } from "../core/network/http";
import { isLoopbackHost } from "../core/network/loopback";
import { describeListener } from "../host/port-owner";
import type { VaultPlace } from "../model/deployment";
import { inviteAgain } from "../model/invitation";
import { ListenerUnknown } from "./known-listener";

/** Vault does not answer at its address: nothing listens there, or another program does. */
export class VaultUnreachable extends UserError {}

/** The program that answers at Vault's address is not Vault. Waiting does not help. */
export class NotVault extends VaultUnreachable {}

/** A standby that does not reach the active server of its cluster, or lost it before that one answered; or a program that is not Vault. */
export class Redirected extends NotVault {}

/** The certificate of the program that answers at Vault's address does not prove that it is Vault. Waiting does not help. */
export class VaultUntrusted extends UserError {}

/** The error of a call that Vault did not answer: nothing listens there, or another program, or the listener is not proven. */
export function whyUnanswered(place: VaultPlace, error: unknown): VaultUnreachable | VaultUntrusted {
  if (error instanceof ListenerUnknown) return new VaultUntrusted(error.props);
  if (error instanceof CertificateRefused) return untrusted(place, error);
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EPROTO") return notVault(place, "an answer that is not TLS");
  return new VaultUnreachable(silence(place, code ?? message));
}

/** The CA certificates that verify Vault's cannot be read. */
export function caUnreadable({ external }: VaultPlace, path: string, error: unknown): VaultUntrusted {
  return new VaultUntrusted({
    problem: `${path}, the CA certificates that verify Vault's, cannot be read.`,
    got: (error as NodeJS.ErrnoException).code ?? "an unreadable file",
    fix: external
      ? `Restore it, or change \`vault.caFile\` in the settings.${orInviteAgain(external)}`
      : "openclaw-openrouter up\nwhich creates it. Or restore the file that `vault.tls` names in the settings.",
  });
}

function untrusted({ address, caFile, external }: VaultPlace, refused: CertificateRefused): VaultUntrusted {
  const { hostname, port } = new URL(address);
  const isHere = isLoopbackHost(hostname);
  const isOfTime = timeErrors.has((refused.cause as NodeJS.ErrnoException).code ?? "");
  return new VaultUntrusted({
    problem: `What answers at ${address} does not show by its certificate that it is this Vault. Nothing was sent to it.`,
    got: [
      refused.message,
      ...(isHere ? [`port ${port}: ${describeListener(Number(port))}`] : []),
      ...(isOfTime ? [`this host's clock says ${new Date().toUTCString()}`] : []),
    ].join("; "),
    expected: `a certificate for ${hostname} that is valid now and verified by ${caFile ?? "a CA that Node trusts"}`,
    fix: [
      ...(isOfTime ? ["If the clock is wrong, set it: sudo timedatectl set-ntp true"] : []),
      external
        ? `Set \`vault.caFile\` in the settings to the CA certificates that verify it, and \`vault.address\` to a name in the certificate.${orInviteAgain(external)}`
        : "Find out what listens there. If it is this instance's container, run: openclaw-openrouter up\nwhich makes it serve its certificate again.",
    ].join("\n"),
  });
}

/** A host that joined has the CA certificates, and the address, of its invitation. */
function orInviteAgain({ joinedAs }: NonNullable<VaultPlace["external"]>): string {
  return joinedAs === undefined ? "" : `\nIf its CA was replaced: ${inviteAgain(joinedAs)}`;
}

/** Node's error codes for a certificate that is not valid now. */
const timeErrors = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

/** Vault's answer to plain HTTP if it serves TLS. */
export const wantsTls = "Client sent an HTTP request to an HTTPS server";

/** Vault answered plain HTTP with {@link wantsTls}. */
export function speaksTls({ address, external }: VaultPlace): NotVault {
  const secured = address.replace(/^http:/, "https:");
  return new NotVault({
    problem: `Vault at ${address} serves TLS: it is to be called by https.`,
    got: wantsTls,
    expected: secured,
    fix: external
      ? `Set \`vault.address\` to ${secured} in the settings, and \`vault.caFile\` to the CA certificates that verify it.`
      : "openclaw-openrouter up",
  });
}

/** Another program answered. */
export function notVault(place: VaultPlace, got: string): NotVault {
  return new NotVault(silence(place, got));
}

/** @param call such as "GET sys/mounts" */
export function redirected(place: VaultPlace, call: string): Redirected {
  return new Redirected(silence(place, `${call} was redirected`));
}

function silence({ address, external }: VaultPlace, got: string): UserErrorProps {
  return {
    problem: `Vault does not answer at ${address}.`,
    got,
    expected: "Vault's API",
    fix: external
      ? howToStart(external)
      : "Check whether its container runs: `docker ps -a`. `openclaw-openrouter up` starts it.",
  };
}

function howToStart({ container }: NonNullable<VaultPlace["external"]>): string {
  return container
    ? `This program does not start it: docker start ${container}\nor, where compose removed that container, in its folder: docker compose up -d\nThen unseal it.`
    : "This program does not start it: make sure that it runs, and that `vault.address` in the settings is its address.";
}
