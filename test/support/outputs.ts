import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where an end-to-end test file keeps what the programs that it starts printed, for the case that a test fails. */
export function outputsFolder(folder: string): string {
  return join(folder, "outputs");
}

/** What a program was told, and what it answered. */
export interface Output {
  readonly args: readonly string[];
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Files in the order in which the programs ended. */
export function keepOutput(folder: string, { args, code, stdout, stderr }: Output): void {
  const into = outputsFolder(folder);
  mkdirSync(into, { recursive: true });
  const number = String(readdirSync(into).length + 1).padStart(3, "0");
  const text = `${args.join(" ")}\nended with ${code}\n\n--- standard error\n${stderr}\n--- standard output\n${stdout}`;
  writeFileSync(join(into, `${number}.txt`), text);
}
