import { ExitCode } from "../../core/exit-codes";
import { terminal } from "../../report/terminal";
import { renderResults } from "../../report/text";
import { hostRecord } from "../../store/records/host-record";
import { defineCommand } from "../define-command";
import { bundleOf, hostOptions, instanceOptions } from "../options/options";

/** `doctor`: shows what the host has and what is missing; changes nothing. */
export const register = defineCommand({
  name: "doctor",
  summary: "show what this host has, what is missing, and how to fix it",
  options: [instanceOptions, hostOptions],
  needs: "settings",
  run: async ({ deployment, options }) => {
    const { inspectHost } = await import("../../operations/doctor");
    const { home, settings, external } = deployment;
    const record = hostRecord.read(home);
    const findings = await inspectHost({
      ...(external ? { externalVault: deployment } : { wantedImage: settings.vault.image }),
      instance: deployment.instance,
      home: home.root,
      ...bundleOf(options),
      ...(record ? { record } : {}),
    });
    return {
      json: { findings },
      view: renderResults(findings, terminal()).join("\n"),
      code: findings.some(({ status }) => status === "fail") ? ExitCode.Failed : ExitCode.Ok,
    };
  },
});
