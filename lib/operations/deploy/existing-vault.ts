import { sandboxInstance } from "../../config/sandbox";
import { type UserError, wrongUsage } from "../../core/errors";
import { reachEngine } from "../../docker/engine";
import type { Deployment } from "../../model/deployment";
import { type ExistingVault, findExistingVault, type IdleContainer } from "../../session/detect-vault";
import { hasOwnVault } from "../../store/vault-kind";
import { type Asking, settingsPlace, withOptions, writeSettings } from "./settings-place";

interface OfferVaultOptions extends Asking {
  /** @default looks on this host */
  readonly find?: (deployment: Deployment) => Promise<ExistingVault | IdleContainer | undefined>;
}

/**
 * Asks, at the first deploy of an instance, whether to use a Vault that this program did not make, such as the one of the setup
 * guide's section 2.7, and writes the answer to the settings.
 * @returns whether the settings changed: the instance uses it
 * @throws UserError (wrong usage) if it is not used, or nobody can be asked; it names both ways on
 */
export async function offerExistingVault(options: OfferVaultOptions): Promise<boolean> {
  const { deployment, confirm, say } = options;
  const { instance, external, home } = deployment;
  if (instance === sandboxInstance || external || hasOwnVault(home)) return false;
  const found = await (options.find ?? find)(deployment);
  if (!found) return false;
  const place = settingsPlace(deployment);
  if ("state" in found) throw notRunning(deployment, found, place.path);
  const text = withOptions(place, instance, optionsFor(found));
  const stop = (why: string) => notUsed(deployment, found, place.path, why);
  if (!confirm) throw stop("nobody can be asked here");
  // For TLS, only a person knows the file with the CA certificate.
  if (text === undefined || isTls(found)) throw stop("only a person can write the settings for it");
  say(`There is ${described(found)}, which this program did not make.`);
  if (!(await confirm("Use it, with all that is in it, instead of a new one?", true)))
    throw stop("it is not to be used");
  writeSettings(place, text);
  say(`vault.address is ${found.address} now, in ${place.path}.`);
  return true;
}

async function find(deployment: Deployment): ReturnType<typeof findExistingVault> {
  const reached = await reachEngine();
  return findExistingVault(deployment, reached.state === "running" ? reached.engine.api : undefined);
}

function isTls({ address }: ExistingVault): boolean {
  return address.startsWith("https:");
}

function optionsFor({ address, container }: ExistingVault) {
  return Object.entries({ address, ...(container ? { container } : {}) }).map(([name, value]) => ({
    group: "vault",
    name,
    value,
  }));
}

function described({ address, container }: ExistingVault): string {
  return `a Vault at ${address}${container ? `, in the container ${container}` : ""}`;
}

/** A port that neither a Vault nor the sandbox uses by default. */
const otherPort = 8210;

function waysOn(instance: string) {
  const up = `openclaw-openrouter up --instance ${instance}`;
  const beside = JSON.stringify({ vault: { container: `vault-${instance}`, port: otherPort } });
  return { up, newVault: `For a new Vault beside it: ${beside}\nthen ${up}` };
}

function notUsed({ instance }: Deployment, found: ExistingVault, path: string, why: string): UserError {
  const { address, container } = found;
  const ca = isTls(found) ? { caFile: "/path/to/ca.pem" } : {};
  const using = JSON.stringify({ vault: { address, ...ca, ...(container ? { container } : {}) } });
  const { up, newVault } = waysOn(instance);
  return wrongUsage({
    problem: `There is a Vault already that this program did not make, and ${why}. Nothing was changed.`,
    got: described(found),
    expected: `one of two ways, by ${path}`,
    fix: [
      `To use that Vault and keep its data (docs/from-the-guide.md): ${using}`,
      `then ${up} --admin-token-file FILE`,
      newVault,
    ].join("\n"),
  });
}

/** What lets a container run, or says why it does not. */
const begins: Readonly<Record<string, string>> = {
  paused: "docker unpause",
  restarting: "docker logs --tail 50",
};

/** Its name alone may not lead to a second Vault with another key, nor to the removal of the first. */
function notRunning({ instance }: Deployment, found: IdleContainer, path: string): UserError {
  const { container, state } = found;
  const { up, newVault } = waysOn(instance);
  return wrongUsage({
    problem: `There is a container ${container} already that this program did not make, and it does not run. Nothing was changed.`,
    got: `the container ${container}, ${state}: nobody can ask it if it is a Vault with your key`,
    expected: `it runs; or another name, by ${path}`,
    fix: `If it is your Vault: ${begins[state] ?? "docker start"} ${container}\nthen ${up}\n${newVault}`,
  });
}
