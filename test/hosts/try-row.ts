import { strict as assert } from "node:assert";
import { requireOnlyDeployed } from "./left";
import { inHost, type Parts } from "./parts";
import { bringProgram, prepareBare } from "./prepare";
import { type RowResult, recordResult, type StepResult } from "./results";
import { type HostRow, hasSystemd } from "./row";
import { Site } from "./site";
import type { Step } from "./step";
import { steps } from "./steps";
import { firstDay } from "./steps/first-day";
import { purge } from "./steps/purge";
import { firstUp, up } from "./steps/up";

export interface TryOptions {
  /** Called with each line of progress. */
  readonly say: (line: string) => void;
  /** Called with the host while it is there, so that an interrupted run can end it. */
  readonly made?: (site: Site | undefined) => void;
  /** Whether the run was interrupted: what a killed host says then is no result. */
  readonly isInterrupted?: () => boolean;
}

/** Lives through all steps on a row's host, and records each. */
export async function tryRow(
  row: HostRow,
  parts: Parts,
  folder: string,
  options: TryOptions,
): Promise<RowResult> {
  const site = await Site.of(row, parts, folder);
  options.made?.(site);
  const results: Record<string, StepResult> = {};
  try {
    await prepareBare(site);
    const day = new Date().toISOString().slice(0, 10);
    const result = { program: parts.identity, day, host: describe(site), steps: results };
    for (const step of steps) {
      const outcome = await outcomeOf(step, site, results, options.say);
      if (options.isInterrupted?.()) break;
      results[step.id] = outcome;
      recordResult(row.name, result);
    }
    return result;
  } finally {
    await site.remove();
    options.made?.(undefined);
  }
}

async function outcomeOf(
  step: Step,
  site: Site,
  before: Readonly<Record<string, StepResult>>,
  say: TryOptions["say"],
): Promise<StepResult> {
  const deployed = [before[firstDay.id]?.status, before[up.id]?.status];
  const reason = deployed.includes("refused")
    ? "`up` refuses"
    : deployed.includes("failed")
      ? "nothing was deployed"
      : step.notTried?.(site.row);
  if (reason) return { status: "not tried", note: reason };
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  try {
    if (site.row.refusal) {
      const note = refused(site, site.row.refusal);
      say(`  refused     ${step.id}: ${note}`);
      return { status: "refused", note, seconds: seconds() };
    }
    await step.run(site);
    if (step.id !== purge.id) await requireOnlyDeployed(site);
    say(`  works       ${step.id}, ${seconds()} s`);
    return { status: "works", seconds: seconds() };
  } catch (error) {
    const { message } = error as Error;
    say(`  FAILED      ${step.id}, ${seconds()} s\n${message.replace(/^/gm, "    ")}`);
    return { status: "failed", note: message.split("\n")[0] ?? "", seconds: seconds() };
  }
}

/** @returns what it says */
function refused(site: Site, refusal: RegExp): string {
  bringProgram(site);
  const { code, stderr } = site.sh(firstUp(site), site.deployer, { OPENROUTER_API_KEY: site.key });
  assert.notEqual(code, 0, stderr);
  const line = stderr.split("\n").find((each) => refusal.test(each));
  assert.ok(line, `it is not refused by name:\n${stderr}`);
  return line.trim();
}

/** The versions of what the host has. */
function describe(site: Site): string {
  const { row } = site;
  const said = (script: string) => site.sh(script).stdout.trim();
  const engine = said("docker version -f '{{.Server.Version}}'").split("+")[0];
  const names = {
    rootless: "rootless Docker Engine",
    "userns-remap": "Docker Engine with userns-remap",
    podman: "Podman",
  };
  const terraform =
    row.terraform === "Terraform"
      ? said("terraform version").split("\n")[0]?.replace(" v", " ")
      : "OpenTofu of the bundle";
  return [
    said(`. /etc/os-release; echo "$PRETTY_NAME"`).replace(/GNU\/Linux | \(.*| ?\/sid/g, ""),
    ...(hasSystemd(row) ? [said("systemctl --version").split(" ").slice(0, 2).join(" ")] : ["no systemd"]),
    `${row.engine ? names[row.engine] : "Docker Engine"} ${engine}`,
    `Node ${said("node --version").slice(1)}`,
    terraform,
    ...(row.gateway === "none"
      ? []
      : [
          `OpenClaw ${said(`node -p "require('${inHost.openclaw}/node_modules/openclaw/package.json').version"`)}`,
        ]),
  ].join(", ");
}
