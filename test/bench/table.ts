import { checkNames } from "./check";
import { fleetNames, fleetSizes } from "./fleet";
import { synthName, synthSizes } from "./growth";
import type { Measure } from "./measure";
import type { Timings } from "./timings";
import { steps, timedName } from "./ways/way";

/** The ways in the order of the table's columns. */
export const wayNames = [
  "this program",
  "terraform alone",
  "cdktf deploy",
  "shell script",
  "Ansible",
] as const;

/** The part of docs/benchmarks.md that shows what was measured, as Markdown. */
export function renderFigures(
  { timings, rounds }: Pick<Measure, "timings" | "rounds">,
  host: string,
  skipped: readonly string[],
): string {
  const rows = [
    ...steps.map((step) => [step, ...wayNames.map((name) => seconds(timings, timedName({ name }, step)))]),
    ["most memory, first deploy", ...wayNames.map((name) => megabytes(timings, name))],
  ];
  const sizes = [...new Set([...synthSizes, ...fleetSizes])].sort((a, b) => a - b);
  const growth = [
    ["synthesized by one process", ...sizes.map((size) => seconds(timings, synthName(size)))],
    ["memory of that", ...sizes.map((size) => megabytes(timings, synthName(size)))],
    ["deployed on one engine, `drift --all`", ...sizes.map((size) => seconds(timings, fleetNames.all(size)))],
  ];
  return `${[
    `Medians of ${rounds} runs, side by side in one run of \`npm run bench\`, with everything downloaded before (${host}):`,
    "![The same figures as bars](figures.svg)",
    table(["", ...wayNames], rows),
    notes,
    table(["Instances", ...sizes.map(String)], growth),
    `The check by itself, against a server that answers in 50 ms: ${seconds(timings, checkNames.whole)}; only what calls OpenRouter: ${seconds(timings, checkNames.http)}.`,
    ...skipped.map((line) => `Not measured: ${line}`),
  ].join("\n\n")}\n`;
}

const notes = `This program's deploys end with its check; the others have none. Terraform is given the same two stacks, synthesized and
initialized before. Script and playbook are in [test/bench/ways](../test/bench/ways); they keep the root token, and make no
policies, roles or audit log. Drift: \`terraform plan\`, \`cdktf diff\` of each stack, \`ansible-playbook --check\`. Memory is that of
all processes of a way, without the engine.`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join(
    "\n",
  );
}

function seconds(timings: Timings, name: string): string {
  const value = timings.median(name);
  return value === undefined ? "–" : formatSeconds(value);
}

export function formatSeconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} s`;
}

function megabytes(timings: Timings, name: string): string {
  const value = timings.peak(name);
  return value === undefined ? "–" : `${value.toFixed(0)} MB`;
}
