import { say } from "./output";

/** Names the lines of this user's crontab that stay when their schedules are removed: only its owner edits a crontab. */
export function sayCronLines(lines: readonly (string | undefined)[]): void {
  const left = lines.filter((line) => line !== undefined);
  if (left.length === 0) return;
  const [these, them] = left.length === 1 ? ["This line is", "it"] : ["These lines are", "them"];
  say(`${these} still in your crontab. Remove ${them} with \`crontab -e\`:\n\n${left.join("\n")}`);
}
