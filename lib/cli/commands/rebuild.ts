import { ExitCode } from "../../core/exit-codes";
import type { RebuildReport } from "../../operations/restore/rebuild";
import { defineCommand, type Outcome } from "../define-command";
import { sharesOptions } from "../input/shares-input";
import { hostOptions, instanceOptions, yesOption } from "../options/options";

/** `rebuild`: re-creates container and volumes, and compares them with the previous ones. */
export const register = defineCommand({
  name: "rebuild",
  summary: "re-create container and volumes from a backup, and compare them with the previous ones",
  options: [yesOption, instanceOptions, hostOptions, sharesOptions],
  needs: "context",
  question: ({
    deployment: { container, dataVolume, homeVolume },
  }) => `This backs Vault up, makes the container ${container} and the volumes ${dataVolume} and ${homeVolume}
again, and restores the backup. Vault is down meanwhile, for some ten seconds. The old data are
kept until a comparison has shown that all is as it was.`,
  ownVault: ["To rebuild", "Its container is its owner's."],
  servesSandbox: true,
  replacesData: true,
  run: async ({ context }) => {
    const { rebuild } = await import("../../operations/restore/rebuild");
    return outcomeOf(await rebuild(context));
  },
});

function outcomeOf(report: RebuildReport): Outcome {
  const { instance, comparison, check } = report;
  const { compared, changed, renewed } = comparison;
  const isSame = changed.length === 0 && check.outcome !== "fail";
  const lines = [
    ...renewed.map(({ what, before, after }) => `  ${what}: ${before} → ${after}`),
    `${compared - changed.length} of ${compared} things are as they were: mounts, policies, roles, every version of every
secret, OpenClaw's files, the declaration.`,
    ...changed.map((name) => `✖ ${name} has changed`),
    isSame
      ? `Instance ${instance} is rebuilt; the check passed.`
      : `Instance ${instance} is rebuilt, but differs from before. The previous data are kept:
openclaw-openrouter restore --undo brings them back.`,
  ];
  return { json: report, text: lines.join("\n"), code: isSame ? ExitCode.Ok : ExitCode.Failed };
}
