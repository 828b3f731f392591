import { ExitCode } from "../../core/exit-codes";
import type { HostFinding } from "../../operations/doctor";
import { terminal } from "../../report/terminal";
import { canvas } from "../../report/text";
import { defineCommand } from "../define-command";
import { bundleOf, hostOptions, instanceOptions } from "../options/options";

/** `doctor`: shows what the host has and what is missing; changes nothing. */
export const register = defineCommand({
  name: "doctor",
  summary: "show what this host has, what is missing, and how to fix it",
  options: [instanceOptions, hostOptions],
  needs: "settings",
  run: async ({ deployment, options }) => {
    const { hostRecord } = await import("../../store/host-record");
    const { inspectHost } = await import("../../operations/doctor");
    const { home, settings, external } = deployment;
    const record = hostRecord.read(home);
    const findings = await inspectHost({
      ...(external ? { externalVault: deployment } : { wantedImage: settings.vault.image }),
      home: home.root,
      ...bundleOf(options),
      ...(record ? { record } : {}),
    });
    const isMissing = findings.some(({ state }) => state === "missing");
    return {
      json: { findings },
      text: options.json ? undefined : findings.map(render).join("\n"),
      code: isMissing ? ExitCode.Failed : ExitCode.Ok,
    };
  },
});

function render({ id, state, found, fix }: HostFinding): string {
  const { colours } = canvas(terminal());
  const marks = { ok: colours.green("✔"), warn: colours.yellow("!"), missing: colours.red("✖") };
  const line = `${marks[state]} ${id.padEnd(19)} ${found}`;
  return fix ? `${line}\n${fix.replace(/^/gm, `${" ".repeat(22)}→ `)}` : line;
}
