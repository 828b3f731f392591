import { chmodSync, chownSync, copyFileSync, lchownSync, statSync } from "node:fs";
import { accountOf, actAs } from "../../host/account";
import { stackNames } from "../../model/home-paths";
import { installParametersOf } from "../../model/install-parameters";
import { install } from "../../openclaw/install";
import type { ReportedFinding } from "../report";
import type { Repair } from "./repair";

export const restoreState: Repair = {
  name: "restore-state",
  mends: ["state.*"],
  first: true,
  describe: (findings) => `put back, as the last deploy left it: ${subjects(findings)}`,
  async run(findings, { deployment: { home } }) {
    for (const stack of stackNames) {
      if (!findings.some(({ id }) => id === `state.${stack}`)) continue;
      copyFileSync(home.deployedState(stack), home.state(stack));
    }
  },
};

export const protectFiles: Repair = {
  name: "protect",
  mends: ["home.mode:*", "home.owner:*"],
  first: true,
  describe: (findings) => `take from others: ${subjects(findings)}`,
  async run(findings) {
    for (const { subject } of findings) {
      const owner = process.getuid?.();
      if (owner === 0) chownSync(subject, owner, process.getgid?.() ?? 0);
      chmodSync(subject, statSync(subject).isDirectory() ? 0o700 : 0o600);
    }
  },
};

/** Who may do what with OpenClaw's files: a file that cannot be installed keeps no other from being closed. */
export const permit: Repair = {
  name: "permit",
  mends: ["openclaw.*.owner", "openclaw.*.mode"],
  first: true,
  describe: (findings) => `set owner and permissions in OpenClaw's folder: ${subjects(findings)}`,
  async run(findings, { deployment }) {
    const account = accountOf(deployment.settings.openclaw.user);
    for (const { id, subject, declared = "" } of findings) {
      if (id.endsWith(".owner")) lchownSync(subject, account.uid, account.gid);
      else actAs(account, () => chmodSync(subject, Number.parseInt(declared, 8)));
    }
  },
};

/** What OpenClaw's files hold. */
export const installFiles: Repair = {
  name: "install",
  mends: ["openclaw.*.content", "openclaw.*.gone", "openclaw.resolver.node"],
  // It looks at all files before it writes any: with one that is left to a person it writes none.
  hinderedBy: ["openclaw.*.content", "openclaw.*.kind", "openclaw.*.owner"],
  first: true,
  describe: (findings) => `put right in OpenClaw's folder: ${subjects(findings)}`,
  async run(_, { deployment }) {
    install(installParametersOf(deployment));
  },
};

function subjects(findings: readonly ReportedFinding[]): string {
  return [...new Set(findings.map(({ subject }) => subject))].join(", ");
}
