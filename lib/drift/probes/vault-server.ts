import type { HomePaths } from "../../model/home-paths";
import { checkParametersOf } from "../../model/run-parameters";
import { sharesRecord, whoHasShares } from "../../store/shares-record";
import { VaultUntrusted } from "../../vault/client";
import { readShares } from "../../vault/shares/shares-file";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding, type Fix } from "../finding";
import type { Probe } from "../probe";

export const vaultServer: Probe = {
  id: "vault",
  async inspect(context) {
    const seal = await context.seal();
    const { external } = context.deployed;
    const subject = `Vault at ${context.deployed.address}`;
    if (!seal) {
      const problem = context.vaultProblem;
      const isStranger = problem instanceof VaultUntrusted;
      return [
        drift({
          id: isStranger ? "vault.untrusted" : "vault.unreachable",
          severity: isStranger ? "critical" : "major",
          subject,
          summary: isStranger
            ? "Something that cannot prove to be Vault answers at its address; nothing was sent to it"
            : "Vault does not answer",
          expected: "answering",
          actual: problem?.props.got ?? "no answer",
          fix: byPerson(
            external
              ? "Check that its owner runs it, and that `vault.address` in the settings is its address."
              : `See why: docker logs --tail 50 ${context.deployed.container}`,
          ),
          explains: ["secret.*", "credentials.*", "vault.*", "certificate.served"],
        }),
      ];
    }
    if (!seal.initialized) {
      return [
        drift({
          id: "vault.empty",
          severity: "critical",
          subject,
          summary: "An empty Vault answers: it has none of the stored secrets",
          field: "initialized",
          expected: "true",
          actual: "false",
          fix: byPerson(
            external
              ? "Find out what happened to its data, or restore it from a backup."
              : `Find out what happened to the volume ${context.deployed.dataVolume}, or restore its data from a backup.`,
          ),
          explains: ["vault.*", "secret.*", "credentials.*", "plan.vault_*"],
        }),
      ];
    }
    return [...other(context, seal), ...opened(context, seal), ...(external ? [] : kind(context, seal))];
  },
};

/** The current number of shares and threshold. After a rekey they can differ from the settings, which are for a new Vault. */
function activeShares(home: HomePaths): { shares: number; threshold: number } | undefined {
  const here = readShares(home.shares);
  return here ? { shares: here.shares.length, threshold: here.threshold } : sharesRecord.read(home);
}

type Seal = NonNullable<Awaited<ReturnType<DriftContext["seal"]>>>;

function opened(context: DriftContext, seal: Seal): Finding[] {
  if (!seal.sealed) return [];
  const fix = howToOpen(context, seal);
  return [
    drift({
      id: "vault.sealed",
      severity: "major",
      subject: `Vault at ${context.deployed.address}`,
      summary: "Vault is sealed: nobody can read the key",
      field: "sealed",
      expected: "false",
      actual: "true",
      ...(fix ? { fix } : {}),
      explains: ["secret.*", "credentials.*"],
    }),
  ];
}

/** The fix for a sealed Vault; undefined if `--fix` unseals it. */
function howToOpen({ sharesAreHere, home, deployed }: DriftContext, { type }: Seal): Fix | undefined {
  if (type !== "shamir")
    return byPerson(
      `Check that the service of \`vault.seal\` answers. Vault's log has the reason: docker logs --tail 50 ${deployed.container}`,
    );
  if (sharesAreHere) return undefined;
  return byPerson(`openclaw-openrouter vault unseal  (asks for ${whoHasShares(home)})`);
}

function other({ deployed, record }: DriftContext, { cluster_id: actual }: Seal): Finding[] {
  const expected = record?.clusterId;
  if (!expected || !actual || actual === expected) return [];
  return [
    drift({
      id: "vault.cluster",
      severity: "critical",
      subject: `Vault at ${deployed.address}`,
      summary: "The Vault that answers is not the deployed one",
      field: "cluster_id",
      expected,
      actual,
      fix: byPerson(
        deployed.external
          ? "Find out which Vault answers at `vault.address` in the settings."
          : `Find out which container answers, and on which volume: docker inspect ${deployed.container}`,
      ),
      explains: ["vault.*", "secret.*", "credentials.*", "plan.vault_*"],
    }),
  ];
}

function kind({ deployed, home }: DriftContext, seal: Seal): Finding[] {
  const subject = `Vault at ${deployed.address}`;
  const { vaultVersion } = checkParametersOf(deployed);
  const { shares, threshold } = activeShares(home) ?? deployed.settings.vault;
  const compared: [string, string, string, boolean][] = [
    ["version", vaultVersion ?? seal.version, seal.version, true],
    ["storage_type", "raft", seal.storage_type ?? "raft", false],
    ["seal", deployed.settings.vault.seal.type, seal.type, false],
    // After a rekey by hand, the shares on the host can be out of date.
    ["shares", `${threshold} of ${shares}`, `${seal.t} of ${seal.n}`, false],
  ];
  return compared.flatMap(([field, expected, actual, fixable]) =>
    expected === actual
      ? []
      : [
          drift({
            id: `vault.${field}`,
            severity: "major",
            subject,
            summary: `Vault's ${field} differs from the deployed value`,
            field,
            expected,
            actual,
            ...(fixable ? {} : { fix: byPerson("Find out who changed it, and why.") }),
          }),
        ],
  );
}
