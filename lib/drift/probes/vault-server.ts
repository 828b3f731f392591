import { compareFields } from "../../core/compare-fields";
import type { HomePaths } from "../../model/home-paths";
import { checkParametersOf } from "../../model/run-parameters";
import { sharesRecord, whoHasShares } from "../../store/records/shares-record";
import { howToUnseal } from "../../vault/external-vault";
import type { SealStatus } from "../../vault/schemas";
import { readShares } from "../../vault/shares/shares-file";
import { VaultUntrusted } from "../../vault/unanswered";
import type { DriftContext } from "../context";
import { drift } from "../finding";
import { everyProbe, type Findings } from "../probe";

/** The findings that follow if Vault is another one. */
const all = ["vault.*", "secret.*", "credentials.*", "plan.vault_*"];

export const vaultServer = everyProbe("vault", async (context) => {
  const seal = await context.seal();
  if (!seal) return silent(context);
  const { external, dataVolume, address } = context.deployed;
  if (!seal.initialized)
    return drift("vault.empty", "critical", `Vault at ${address}`, {
      summary: "An empty Vault answers: it has none of the stored secrets",
      compared: ["true", "false", "initialized"],
      fix: external
        ? "Find out what happened to its data, or restore it from a backup."
        : `Find out what happened to the volume ${dataVolume}, or restore its data from a backup.`,
      explains: all,
    });
  return [
    other(context, seal),
    seal.sealed &&
      drift("vault.sealed", "major", `Vault at ${address}`, {
        summary: "Vault is sealed: nobody can read the key",
        compared: ["false", "true", "sealed"],
        fix: howToOpen(context, seal),
        explains: ["secret.*", "credentials.*"],
      }),
    !external && settings(context, seal),
  ];
});

/** A Vault that does not answer, or something else that answers instead of it. */
function silent(context: DriftContext): Findings {
  const { deployed, vaultProblem } = context;
  const isStranger = vaultProblem instanceof VaultUntrusted;
  return drift(
    isStranger ? "vault.untrusted" : "vault.unreachable",
    isStranger ? "critical" : "major",
    `Vault at ${deployed.address}`,
    {
      summary: isStranger
        ? "Something that cannot prove to be Vault answers at its address; nothing was sent to it"
        : "Vault does not answer",
      compared: ["answering", vaultProblem?.props.got ?? "no answer"],
      fix: whyItIsSilent(context),
      explains: ["secret.*", "credentials.*", "certificate.served"],
    },
  );
}

function whyItIsSilent({ deployed, vaultProblem, options }: DriftContext): string {
  if (deployed.external)
    return (
      vaultProblem?.props.fix ??
      "Check that its owner runs it, and that `vault.address` in the settings is its address."
    );
  return options.host.engine
    ? `See why: docker logs --tail 50 ${deployed.container}`
    : "openclaw-openrouter doctor";
}

/** What a person must do to open a sealed Vault; undefined if `--fix` unseals it. */
function howToOpen({ sharesAreHere, home, deployed }: DriftContext, seal: SealStatus): string | undefined {
  const { type } = seal;
  if (deployed.external) return howToUnseal(deployed, seal);
  if (type !== "shamir")
    return `Check that the service of \`vault.seal\` answers. Vault's log has the reason: docker logs --tail 50 ${deployed.container}`;
  return sharesAreHere ? undefined : `openclaw-openrouter vault unseal  (asks for ${whoHasShares(home)})`;
}

function other({ deployed, record }: DriftContext, { cluster_id: actual }: SealStatus): Findings {
  const expected = record?.clusterId;
  if (!expected || !actual || actual === expected) return [];
  return drift("vault.cluster", "critical", `Vault at ${deployed.address}`, {
    summary: "The Vault that answers is not the deployed one",
    compared: [expected, actual, "cluster_id"],
    fix: deployed.external
      ? "Find out which Vault answers at `vault.address` in the settings."
      : `Find out which container answers, and on which volume: docker inspect ${deployed.container}`,
    explains: all,
  });
}

/** The current number of shares and threshold. After a rekey they can differ from the settings, which are for a new Vault. */
function activeShares(home: HomePaths): { shares: number; threshold: number } | undefined {
  const here = readShares(home.shares);
  return here ? { shares: here.shares.length, threshold: here.threshold } : sharesRecord.read(home);
}

function settings({ deployed, home }: DriftContext, seal: SealStatus): Findings {
  const { vaultVersion } = checkParametersOf(deployed);
  const { shares, threshold } = activeShares(home) ?? deployed.settings.vault;
  return compareFields([
    ["version", vaultVersion ?? seal.version, seal.version],
    ["storage_type", "raft", seal.storage_type ?? "raft"],
    ["seal", deployed.settings.vault.seal.type, seal.type],
    // After a rekey by hand, the shares on the host can be out of date.
    ["shares", `${threshold} of ${shares}`, `${seal.t} of ${seal.n}`],
  ]).map((difference) =>
    drift(`vault.${difference.field}`, "major", `Vault at ${deployed.address}`, {
      ...difference,
      summary: `Vault's ${difference.field} differs from the deployed value`,
      fix: difference.field === "version" ? undefined : "Find out who changed it, and why.",
    }),
  );
}
