import { resolve } from "node:path";
import { sandboxInstance } from "../../config/sandbox";
import { openclawPaths } from "../../model/openclaw/openclaw-paths";
import { keysPage } from "../../model/openrouter-key";
import { keyRemoval } from "../../openclaw/folder/plain-keys";
import { accountInItsHome } from "../../openclaw/gateway/instances";
import { type Mismatch, viewGateway } from "../../openclaw/gateway/view";
import { drift, type Finding, ProbeSkipped } from "../finding";
import { openclawOf } from "../openclaw-file";
import { everyProbe } from "../probe";

/** Asks OpenClaw which model each agent uses, and reads every place that names another than a declared one. */
export const openclawGateway = everyProbe("openclaw.gateway", async (context) => {
  const { parameters, installed } = openclawOf(context);
  const { settings, instance } = context.deployed;
  const { gateway = "auto" } = context.options;
  // The sandbox's folder is no gateway's.
  if (!installed || instance === sandboxInstance) return [];
  const view = await viewGateway({
    account: accountInItsHome(parameters.user),
    folder: parameters.folder,
    declared: [...new Set(Object.values(settings.models))],
    // A gateway in a container has its program there.
    mode: parameters.gateway ? "no" : gateway,
    ...(settings.openclaw.command === undefined ? {} : { command: settings.openclaw.command }),
    nodes: [settings.openclaw.node, installed.node].filter((each) => each !== undefined),
  }).catch((error: Error) => {
    throw new ProbeSkipped(`openclaw.json cannot be read: ${error.message}`);
  });
  // Without the include there is nothing of the gateway's to compare.
  if (!view || view.key.kind === "none") return [];
  const file = openclawPaths(parameters.folder).gateway;
  return [
    view.refused !== undefined &&
      drift("openclaw.refused", "major", file, {
        summary: "OpenClaw refuses its configuration: no gateway starts with it",
        compared: ["valid", view.refused],
        fix: "openclaw doctor",
      }),
    view.otherMode !== undefined &&
      drift("openclaw.mode", "major", file, {
        summary: "OpenClaw starts no gateway with this configuration on this host",
        compared: ["local", view.otherMode || "none", "gateway.mode"],
        fix: `Set gateway: { mode: "local" } in ${file}.`,
      }),
    view.elsewhere.map(({ name, location }) =>
      drift(`openclaw.elsewhere:${location.config}`, "major", name, {
        summary: "It reads another configuration than the deployed one",
        compared: [file, location.config, location.by],
        fix: `Set \`openclaw.folder\` in the settings to the folder of ${location.config}, then run openclaw-openrouter up.`,
      }),
    ),
    // The include's probe reports values that hide the fragment's own model.
    view.mismatches.filter(({ name }) => !/^agents\.defaults\.model(\.|$)/.test(name ?? "")).map(mismatched),
    view.keys.files.map((name) =>
      drift(`openclaw.plain-key:${name}`, "critical", resolve(parameters.folder, name), {
        summary: `It holds a plain OpenRouter key, which ${view.keysWin ? "can win" : "does not win"} over Vault's`,
        compared: ["no key", "a key"],
        fix: `${keyRemoval(resolve(parameters.folder, name))}. Then disable it at ${keysPage}.`,
      }),
    ),
    view.allowLists.map(({ name, file: place, line }) =>
      drift(`openclaw.allow-list:${name}`, "minor", place, {
        summary: "It does not allow the declared model, so nobody can choose that",
        compared: [`openrouter/${settings.models.default}`, `${place}, line ${line}`, name],
        fix: `Add it to ${name} in ${place}; or keep the list and ignore this finding.`,
      }),
    ),
  ];
});

const texts = {
  model: "uses a model that the settings do not declare",
  profile: "pins a stored credential instead of Vault's key",
  "no fallback": "has no fallback: a model of its own without `fallbacks` has none",
} as const;

function mismatched({ who, what, value, name, file, line, fix }: Mismatch): Finding {
  const place = file === undefined ? "OpenClaw says so" : `${file}, line ${line}`;
  return drift(`openclaw.model:${name ?? who}`, what === "no fallback" ? "minor" : "major", file ?? who, {
    summary: `${who[0]?.toUpperCase()}${who.slice(1)} ${texts[what]}`,
    compared: ["what is declared", `${value} (${place})`, name],
    fix:
      fix ??
      `Remove it from ${place}, or declare the model in the settings; or keep it and ignore this finding.`,
  });
}
