import { chmodSync, chownSync, copyFileSync, statSync } from "node:fs";
import { stackNames } from "../../model/home-paths";
import type { ReportedFinding } from "../../report/drift-report";
import type { Repair } from "./repair";

export const restoreState: Repair = {
  name: "restore-state",
  fixes: ["state.*"],
  first: true,
  describe: (findings) => `restore from the last deploy: ${subjects(findings)}`,
  async run(findings, { deployment: { home } }) {
    for (const stack of stackNames) {
      if (!findings.some(({ id }) => id === `state.${stack}`)) continue;
      copyFileSync(home.deployedState(stack), home.state(stack));
    }
  },
};

export const protectFiles: Repair = {
  name: "protect",
  fixes: ["home.mode:*", "home.owner:*"],
  first: true,
  describe: (findings) => `remove other users' access to: ${subjects(findings)}`,
  async run(findings) {
    for (const { subject } of findings) {
      const owner = process.getuid?.();
      if (owner === 0) chownSync(subject, owner, process.getgid?.() ?? 0);
      chmodSync(subject, statSync(subject).isDirectory() ? 0o700 : 0o600);
    }
  },
};

/** The subjects of findings as text for a person. */
export function subjects(findings: readonly ReportedFinding[]): string {
  return [...new Set(findings.map(({ subject }) => subject))].join(", ");
}
