import { text } from "node:stream/consumers";
import { defined } from "../../core/defined";
import { wrongUsage } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import { homePaths } from "../../model/home-paths";
import { type Invitation, parseInvitation } from "../../model/invitation";
import type { Joined } from "../../operations/hosts/join";
import { terminal } from "../../report/terminal";
import { instanceHome } from "../../store/home";
import { joinedRecord } from "../../store/records/joined-record";
import { selectInstance } from "../../store/select";
import { defineCommand, type Outcome, underLock } from "../define-command";
import { readGivenFile } from "../input/given-file";
import { askSecret, isInteractive } from "../input/prompts";
import { type InstanceOptions, instanceOptions, option, type ParsedBy } from "../options/options";
import { say, speakOf } from "../output";

const invitationOption = option(
  "--invitation-file <file>",
  "read the invitation from a file (default: a hidden prompt, or standard input)",
);

/** `host join`: uses another instance's Vault, by its invitation. */
export const register = defineCommand({
  name: "join",
  summary: "use another instance's Vault by an invitation: places OpenClaw's files, and checks",
  options: [invitationOption, instanceOptions],
  uses: ["network"],
  help: `It needs no Docker, no Terraform and no root. Without an invitation, a host that
has joined renews its files and checks.`,
  run: async ({ options }) => {
    const instance = selectInstance({ named: options.instance, keyGiven: true, begins: true });
    speakOf(instance);
    const isJoined = joinedRecord.read(homePaths(instanceHome(instance))) !== undefined;
    const invitation = await readInvitation(options, isJoined);
    return join(instance, options, invitation);
  },
});

async function join(
  instance: string,
  options: InstanceOptions,
  invitation: Invitation | undefined,
): Promise<ExitCode> {
  const { describeJoining, joinHost } = await import("../../operations/hosts/join");
  const { loadDeployment } = await import("../../session/load-deployment");
  const deployment = invitation
    ? await describeJoining(instance, invitation, options.settings)
    : loadDeployment(instance, options.settings);
  const preparation = { onJoined: true, asksForShares: false };
  return underLock("host join", deployment, options, preparation, async ({ preparing }) => {
    const joined = await joinHost(deployment, {
      ...preparing,
      ...defined({ invitation, settingsFile: options.settings }),
    });
    return describe(instance, joined);
  });
}

async function describe(instance: string, { used, files, check }: Joined): Promise<Outcome> {
  const { renderReport } = await import("../../check");
  say(renderReport(check, terminal()));
  const isChanged = used || Object.values(files).some((placement) => placement !== "unchanged");
  const isFailed = check.outcome === "fail";
  return {
    json: { joined: used, files, check },
    text: `Instance ${instance}: ${used ? "joined" : isChanged ? "renewed" : "nothing changed"}; the check ${isFailed ? "failed (see above)" : "passed"}.`,
    code: isFailed ? ExitCode.Failed : ExitCode.Ok,
  };
}

/** @returns undefined if none is given on a host that has joined. @throws UserError (wrong usage) if it is none */
async function readInvitation(
  { invitationFile }: ParsedBy<typeof invitationOption>,
  isJoined: boolean,
): Promise<Invitation | undefined> {
  const given = await readText(invitationFile, isJoined);
  if (given.trim() === "" && isJoined && invitationFile === undefined) return undefined;
  const parsed = parseInvitation(given);
  if (!("problem" in parsed)) return parsed;
  throw wrongUsage({
    problem: "This is no invitation. Nothing was changed.",
    got: given.trim() === "" ? "nothing" : parsed.problem,
    expected: "the word that `host invite` printed, which begins with openclaw-invitation-1",
    fix: "openclaw-openrouter host join --invitation-file FILE\nor run it on a terminal, and paste the invitation.",
  });
}

function readText(file: string | undefined, isJoined: boolean): Promise<string> | string {
  if (file !== undefined) return readGivenFile(file, "The invitation file");
  if (isInteractive())
    return askSecret(`The invitation (not shown${isJoined ? "; Enter: renew what is here" : ""}):`);
  return process.stdin.isTTY ? "" : text(process.stdin);
}
