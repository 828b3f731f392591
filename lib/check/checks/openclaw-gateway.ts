import { dirname, join, resolve } from "node:path";
import type { WarningOf } from "../../config/check-warnings";
import { sandboxInstance } from "../../config/sandbox";
import { reasonOf, SystemError, UserError } from "../../core/errors";
import { proxyFor } from "../../core/network/proxy";
import { openclawNames } from "../../model/openclaw/openclaw-paths";
import { keysPage } from "../../model/openrouter-key";
import type { CheckParameters } from "../../model/run-parameters";
import { keyRemoval } from "../../openclaw/folder/plain-keys";
import { readElsewhere } from "../../openclaw/gateway/container";
import { accountInItsHome } from "../../openclaw/gateway/instances";
import type { AllowList } from "../../openclaw/gateway/models";
import { type GatewayView, type Mismatch, viewGateway } from "../../openclaw/gateway/view";
import { readInstalled } from "../../openclaw/installed";
import { combine, fail, pass, skip, type Verdict } from "../../report/finding";
import type { Check } from "../check";
import type { CheckContext } from "../context";
import { howToAccept, warningsOf } from "../warnings";

const warn = warningsOf("openclaw.gateway");

export const openclawGateway: Check = {
  id: "openclaw.gateway",
  why: "An agent, a channel or a heartbeat with a model or key of its own spends elsewhere, or fails, while all else is as declared.",
  needs: [],
  async run(context) {
    const { parameters, home, gateway } = context;
    const { folder, model, otherModels, command, node } = parameters;
    const isSandbox = parameters.instance === sandboxInstance;
    try {
      const view = await viewGateway({
        account: accountInItsHome(parameters.user),
        folder,
        declared: [model, ...Object.values(otherModels)],
        // The sandbox's folder is no gateway's, and a gateway in a container has its program there.
        mode: isSandbox || parameters.gateway ? "no" : gateway,
        ...(isSandbox ? { instances: false } : {}),
        ...(command === undefined ? {} : { command }),
        nodes: [node, readInstalled(home)?.node].filter((each) => each !== undefined),
      });
      // The check openclaw.config reports what is missing.
      if (!view) return skip(`there is no ${openclawNames.gateway} in ${folder}`);
      if (view.key.kind === "none") return skip("openclaw.json has no way to the key: see openclaw.config");
      return judge(view, parameters, isSandbox, await elsewhereInContainer(context));
    } catch (error) {
      if (error instanceof UserError || error instanceof SystemError) return skip(reasonOf(error));
      return skip(`openclaw.json cannot be read: ${(error as Error).message}`);
    }
  },
};

/** The gateway's container can have been created again, with other variables. */
async function elsewhereInContainer({ engine, parameters: { gateway } }: CheckContext): Promise<Verdict[]> {
  if (!engine || !gateway) return [];
  const container = await engine.inspectContainer(gateway.container);
  // The check openclaw.config reports one that does not run.
  if (container?.State.Status !== "running") return [];
  const found = await readElsewhere(engine, container, gateway);
  if (!found) return [];
  return [
    fail(
      `the gateway in the container ${gateway.container} reads ${found.config} (${found.by}), not the configuration in ${gateway.folder}: it gets nothing of what is declared`,
      `Mount OpenClaw's folder at ${dirname(found.config)}, or create the container without ${found.by}.`,
    ),
  ];
}

function judge(
  view: GatewayView,
  parameters: CheckParameters,
  isSandbox: boolean,
  inContainer: readonly Verdict[],
): Verdict {
  const { agents, asked, notAsked, full, unread } = view;
  const who = agents.length === 1 ? agents[0]?.id : `${agents.length} agents`;
  const source = asked ? "OpenClaw's word" : "from its files";
  return combine(`${who}: declared models, ${keyOf(view)} (${source})`, [
    ...inContainer,
    ...(view.refused === undefined ? [] : [refused(view.refused)]),
    ...(view.otherMode === undefined ? [] : [notLocal(view.otherMode, parameters.folder)]),
    ...(proxyFor(parameters.baseUrl, process.env) ? view.withoutProxy : []).map(lacksProxy),
    ...view.elsewhere.map(({ name, location }) => elsewhere(name, location, parameters.folder)),
    ...view.mismatches.map((each) => mismatched(each)),
    ...view.keys.files.map((file) => holdsKey(resolve(parameters.folder, file), view.keysWin)),
    ...view.allowLists.map((each) => notAllowed(each, parameters.model)),
    ...(full?.findings ?? []).map((each) => warn(`doctor:${each}`, each, "openclaw doctor")),
    ...[
      ...agents.map(({ id, model }) => `agent ${id}: ${model ?? "no model"}, with ${keyFor(model, view)}`),
      ...(asked ? [`asked: OpenClaw ${asked.version ?? ""}`.trim()] : []),
      ...(isSandbox || notAsked === undefined ? [] : [`the gateway was not asked: ${notAsked}`]),
      ...(full && !full.askedProviders
        ? ["secrets of exec providers were not resolved: there are others than ours, and each would be run"]
        : []),
      ...(full?.unanswered ?? []).map((reason) => `not answered: ${reason}`),
      ...(view.keys.notSearched === undefined
        ? []
        : [`not all of ${parameters.folder} was searched for plain keys: ${view.keys.notSearched}`]),
      ...[...unread].map(([file, reason]) => `the included file ${file} was not inspected: ${reason}`),
    ].map((each) => pass(each)),
  ]);
}

function keyFor(model: string | undefined, view: GatewayView): string {
  const [, provider] = /^([^/]+)\//.exec(model ?? "") ?? [];
  if (provider === undefined || provider.toLowerCase() === "openrouter") return keyOf(view);
  return `the key of the provider ${provider}`;
}

/** The key for OpenRouter. Where it is another than Vault's, openclaw.config has the place and the fix. */
function keyOf({ key }: GatewayView): string {
  if (key.kind === "managed")
    return key.isOverridable ? "an exported or stored key, else Vault's" : "Vault's key";
  const what = {
    redacted: "a placeholder instead of a key",
    plain: "a plain key",
    other: "another key",
    none: "none",
  };
  return `${what[key.kind]}${key.place ? ` (${key.place.file}, line ${key.place.line})` : ""}`;
}

function refused(problem: string): Verdict {
  return fail(
    `OpenClaw refuses its configuration, so no gateway starts with it: ${problem}`,
    "openclaw doctor",
  );
}

function notLocal(mode: string, folder: string): Verdict {
  const got = mode === "" ? "is missing" : `is ${mode}`;
  const path = join(folder, openclawNames.gateway);
  return warn(
    `mode:${mode || "missing"}`,
    `gateway.mode ${got} in ${path}: OpenClaw starts no gateway with it on this host`,
    // OpenClaw's own `config set` adds no section beside an include.
    `Set gateway: { mode: "local" } in ${path}.`,
  );
}

function keep(warning: WarningOf<"openclaw.gateway">): string {
  return `or keep it if you mean it, and ${howToAccept("openclaw.gateway", warning)}`;
}

function mismatched({ who, what, value, name, file, line, fix }: Mismatch): Verdict {
  const place = file === undefined ? "OpenClaw says so" : `${file}, line ${line}: ${name}`;
  switch (what) {
    case "model": {
      const warning = `model:${who}:${value}` as const;
      return warn(
        warning,
        `${who} uses ${value}, not a declared model (${place})`,
        fix ?? `Remove ${name} from ${file}, declare the model in the settings, ${keep(warning)}`,
      );
    }
    case "profile": {
      const warning = `profile:${who}:${value}` as const;
      return warn(
        warning,
        `${who} pins the stored credential ${value} instead of Vault's key (${place})`,
        `Remove \`@${value}\` from ${name} in ${file}, ${keep(warning)}`,
      );
    }
    case "no fallback":
      return warn(
        `no-fallback:${who}`,
        `${who} has no fallback (${place}): a model of its own without \`fallbacks\` has none`,
        `Remove ${name} from ${file}, or add \`fallbacks\` to it; an empty list says that you mean it.`,
      );
  }
}

function holdsKey(path: string, wins: boolean): Verdict {
  return warn(
    `${wins ? "winning-key" : "plain-key"}:${path}`,
    `${path} holds a plain OpenRouter key, which ${wins ? "can win" : "does not win"} over Vault's`,
    `${keyRemoval(path)}\nThen disable it at ${keysPage}; if it is the deployed one: openclaw-openrouter key rotate`,
  );
}

function notAllowed({ who, name, file, line }: AllowList, model: string): Verdict {
  const warning = `not-allowed:${who}` as const;
  return warn(
    warning,
    `${name} does not allow openrouter/${model} for ${who} (${file}, line ${line}): nobody can choose the declared model there`,
    `Add "openrouter/${model}" to ${name} in ${file}, ${keep(warning)}`,
  );
}

/** OpenClaw's service keeps no HTTPS_PROXY of the shell that installed it. */
function lacksProxy(name: string): Verdict {
  return warn(
    "no-proxy",
    `${name} has no proxy, and this check reaches OpenRouter by the one in its own environment: the gateway may not reach it`,
    `Set proxy: { proxyUrl: "http://…" } in openclaw.json, or OPENCLAW_PROXY_URL in the gateway's environment; then restart it. If it needs none, ${howToAccept("openclaw.gateway", "no-proxy")}`,
  );
}

function elsewhere(
  name: string,
  location: GatewayView["elsewhere"][number]["location"],
  folder: string,
): Verdict {
  const by = location.by ? ` (${location.by})` : "";
  return warn(
    `elsewhere:${location.config}`,
    `${name} reads ${location.config}${by}, not ${folder}/${openclawNames.gateway}: it gets nothing of what is declared`,
    `Set \`openclaw.folder\` in the settings to the folder of ${location.config}, then run \`openclaw-openrouter up\`.`,
  );
}
