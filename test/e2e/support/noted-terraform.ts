import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../../lib/core/system/find-program";
import type { TestHost } from "./host";

/** A `terraform` that notes what it is asked for, and has the real one do it. */
export class NotedTerraform {
  private readonly notes: string;
  /** What is to be added to the environment, so that it is found first. */
  readonly environment: { readonly PATH: string };

  constructor(host: TestHost) {
    const folder = mkdtempSync(join(host.folder, "noted-"));
    this.notes = join(folder, "notes");
    writeFileSync(this.notes, "");
    const real = findProgram("terraform") ?? "";
    const script = `#!/bin/sh\necho "$1 $OPENCLAW_OPENROUTER_BIN" >>'${this.notes}'\nexec '${real}' "$@"\n`;
    writeFileSync(join(folder, "terraform"), script, { mode: 0o755 });
    this.environment = { PATH: `${folder}:${process.env.PATH}` };
  }

  /** How often it was asked for something since this was asked last. */
  count(command: string): number {
    const all = this.read();
    writeFileSync(this.notes, "");
    return all.filter(([each]) => each === command).length;
  }

  /** The programs that the steps of an apply were to run, since {@link count} was asked last. */
  programs(): ReadonlySet<string | undefined> {
    return new Set(this.read().flatMap(([command, program]) => (command === "apply" ? [program] : [])));
  }

  private read(): string[][] {
    return readFileSync(this.notes, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" "));
  }
}
