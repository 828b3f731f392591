import { resolve } from "node:path";
import { z } from "zod";
import { isLoopbackUrl } from "../core/network/loopback";
import { checkIds } from "./check-ids";
import { checkWarnings, isWarningOf, onlyWarning } from "./check-warnings";
import {
  amount,
  apiUrl,
  ascii,
  containerName,
  count,
  day,
  group,
  hostFile,
  keyPathForm,
  model,
  path,
  port,
  rule,
  text,
  words,
} from "./options";
import { sandbox } from "./sandbox";
import { vaultSettings } from "./vault";

const role = (id: string, sentence: string) => model().default(id).describe(sentence);

const accepted = () =>
  z
    .array(
      z
        .strictObject({
          id: z.enum(checkIds).describe("The id of the check."),
          warning: words()
            .exactOptional()
            .describe(
              "The warning, as `warnings` of `check --json` names it; a `*` after the `:` stands for all of that kind. Default: the only one that the check has.",
            ),
          reason: words().describe("The reason, which the report shows."),
          until: day()
            .exactOptional()
            .describe("The last day on which it is accepted. Default: none, it is always accepted."),
        })
        .superRefine(({ id, warning = onlyWarning(id) }, { addIssue }) => {
          if (warning !== undefined && isWarningOf(id, warning)) return;
          const names = checkWarnings[id].map((each) => JSON.stringify(each));
          addIssue({
            code: "custom",
            path: ["warning"],
            message: `which warning of ${id}: ${names.join(", ")}; \`openclaw-openrouter check --json\` names those that it has now`,
          });
        }),
    )
    .refine(
      (list) =>
        new Set(list.map(({ id, warning = onlyWarning(id) }) => `${id} ${warning}`)).size === list.length,
      { error: "each warning once" },
    )
    .default([])
    .describe(
      "Warnings of the check that are accepted, each with a reason and optionally a last day such as `2026-11-23`: they pass with the reason. A check with several warnings needs `warning`, the accepted one's name. A failure is never accepted.",
    );

/** The supported backends, by Terraform's names. */
const backends = ["local", "pg", "s3", "gcs", "azurerm", "http", "consul", "remote"] as const;

/** What becomes the stack's name in a backend's options. */
export const stackPlaceholder = "{stack}";

/** The path in the setup guide. */
const guideKeyPath = "secret/openrouter";

/** The input of the rule below; any part of it can be wrong or missing. */
interface Ports {
  vault?: { port?: unknown; address?: unknown };
  openrouter?: { baseUrl?: unknown };
}

function sharesPort(settings: Ports | null): boolean {
  const own = portOnThisHost(settings?.openrouter?.baseUrl);
  const { address, port } = settings?.vault ?? {};
  const taken = address === undefined ? [String(port)] : [address].flat().map(portOnThisHost);
  return own !== undefined && taken.includes(own);
}

function portOnThisHost(url: unknown): string | undefined {
  if (typeof url !== "string" || !URL.canParse(url)) return undefined;
  return isLoopbackUrl(url) ? new URL(url).port : undefined;
}

/**
 * Every option of an instance, with its shape, its default and one sentence. No option is defined anywhere else. Its `parse`
 * takes what differs from the defaults, which follow the setup guide.
 */
export const settingsSchema = z
  .strictObject({
    $schema: z
      .string()
      .optional()
      .describe("The JSON Schema with which editors complete and check this file. Default: none."),
    vault: vaultSettings(),

    openrouter: group("OpenRouter's API.", {
      path: text(
        keyPathForm,
        "a path in the store `secret/`, such as `secret/openrouter/lab`, without the API's `data/`",
      )
        .default(guideKeyPath)
        .describe(
          "The path of the secret with the key; another than the default only with `vault.address` (docs/external-vault.md).",
        ),
      baseUrl: apiUrl().default("https://openrouter.ai/api/v1").describe("Base URL of OpenRouter's API."),
      referer: z
        .url({ protocol: /^https?$/, error: "an http or https URL" })
        .optional()
        .describe("Sent as `HTTP-Referer`, by which OpenRouter attributes calls. Default: none."),
      title: ascii()
        .default("OpenClaw")
        .describe("Sent as `X-OpenRouter-Title`, the name under which OpenRouter lists calls."),
    }),

    models: group(
      "The models by role, as OpenRouter ids: `author/model`, with a variant such as `:free` or `:nitro`, `~author/family-latest`, `openrouter/auto`, `@preset/name`.",
      {
        default: role("anthropic/claude-sonnet-5", "Answers by default (guide: Claude Sonnet 4)."),
        fallback: role(
          "anthropic/claude-haiku-4.5",
          "Takes over on errors and timeouts (guide: Claude Haiku 3.5).",
        ),
        experimentation: role("google/gemini-2.5-flash", "For volume (guide: Gemini 2.0 Flash)."),
        french: role("mistralai/mistral-large-2512", "For French text (guide: Mistral Large)."),
        open: role("meta-llama/llama-3.3-70b-instruct", "The open model (guide: Llama 3.3 70B)."),
      },
    ),

    openclaw: group("OpenClaw's configuration.", {
      folder: path("an absolute path, written out (no `~`), other than `/`")
        .overwrite((folder) => resolve(folder))
        .optional()
        .describe(
          "OpenClaw's configuration folder. Default: `~/.openclaw`, for other instances `~/.openclaw-<instance>`.",
        ),
      user: text(/^[a-z_][a-z0-9_.-]*\$?$/i, "the name of a user of this host")
        .optional()
        .describe(
          "The user who runs OpenClaw, if root deploys for another user. Default: the user who deploys.",
        ),
      node: hostFile()
        .optional()
        .describe(
          "The Node that runs OpenClaw and the resolver of the key. Default: the one beside `openclaw`, else the one that deploys.",
        ),
      container: z
        .union([containerName(), z.literal(false)])
        .refine((name) => typeof name !== "string" || !/^(true|false)$/i.test(name), {
          error: "a container's name, or false without quotes if the gateway runs on this host",
        })
        .optional()
        .describe(
          "The container in which OpenClaw's gateway runs; `false` if it runs on this host. Default: the running one that mounts OpenClaw's folder, if any.",
        ),
      command: hostFile()
        .optional()
        .describe(
          "The program `openclaw`, which the check asks what each agent uses. Default: found where its user's gateway and the usual package managers have it.",
        ),
      instanceName: words().default("openclaw").describe("`instance_name` in the setup guide's config.json."),
      environment: words().default("production").describe("`environment` in the setup guide's config.json."),
      temperature: z
        .number()
        .min(0)
        .max(2)
        .default(0.3)
        .describe("Sampling temperature in the setup guide's config.json."),
      maxTokens: count()
        .default(8192)
        .describe("The maximum length of an answer in the setup guide's config.json, in tokens."),
    }),

    check: group("The check after each deploy.", {
      maxTokens: z
        .int()
        .min(16)
        .max(1024)
        .default(16)
        .describe(
          "The maximum length of an answer in the check's chat, in tokens; some providers reject less than 16.",
        ),
      timeoutSeconds: amount()
        .max(600)
        .default(30)
        .describe("The timeout of one call to OpenRouter, in seconds."),
      maxCostUsd: amount()
        .max(1)
        .default(0.005)
        .describe("The maximum cost of one run's chats, in USD; more expensive ones are refused."),
      rotationDays: count()
        .default(90)
        .describe("The age of the stored key from which the check warns, in days (guide 5.9: three months)."),
      accepted: accepted(),
    }),

    budget: group(
      "The budget.",
      {
        alertEur: z
          .number()
          .nonnegative()
          .default(10)
          .describe("The monthly spending from which the check warns, in EUR (guide 2.13)."),
        hardLimitEur: amount()
          .default(30)
          .describe(
            "The monthly spending from which the check fails, in EUR (guide 2.13); the key's own limit must not be higher.",
          ),
        usdPerEur: amount()
          .default(1.15)
          .describe("The value of one EUR in USD: OpenRouter counts in USD only."),
        rateDate: day()
          .default("2025-11-03")
          .describe("The day of that rate, shown beside every amount in EUR."),
        priceCeiling: amount()
          .default(20)
          .describe("The price of a million tokens above which the check warns about a model, in USD."),
      },
      (group) =>
        group.refine(
          (budget) => !(budget?.alertEur > budget?.hardLimitEur),
          rule(["alertEur"], "not more than `budget.hardLimitEur`"),
        ),
    ),

    hosts: group("Other OpenClaw hosts that use the instance's Vault (docs/many-hosts.md).", {
      maxTotalLimitEur: amount()
        .optional()
        .describe(
          "The most that the keys of all invited hosts may spend in a month, in EUR: an invitation or a limit beyond it is refused. Default: none, it is not bounded.",
        ),
    }),

    rotation: group("The rotation of the key.", {
      expireDays: count()
        .optional()
        .describe(
          "The number of days after which a key made by `key rotate` expires. Default: none, it does not expire.",
        ),
    }),

    sandbox: group("The local OpenRouter: for the instance `sandbox` only.", {
      port: port()
        .refine((port) => port !== sandbox.vaultPort, {
          error: `a port other than ${sandbox.vaultPort}, at which the sandbox's Vault answers`,
        })
        .default(18201)
        .describe("Port on 127.0.0.1 at which the local OpenRouter answers."),
    }),

    terraform: group("Terraform.", {
      backend: group(
        "Terraform's backend.",
        {
          type: z
            .enum(backends)
            .default("local")
            .describe("The backend that stores Terraform's state; `local` is the instance directory."),
          config: z
            .record(z.string(), z.unknown())
            .default({})
            .describe(
              "The backend's own options, by Terraform's names, with `{stack}` in the one that names the place, such as `schema_name` or `key`: each stack has its own state. Give credentials by environment variables instead.",
            ),
        },
        (group) =>
          group
            .refine(
              (backend) => backend?.type !== "local" || Object.keys(backend.config ?? {}).length === 0,
              rule(
                ["config"],
                "no options, since the backend `local` keeps the state in the instance directory",
              ),
            )
            // In one place, each stack's plan would remove what the other one made.
            .refine(
              (backend) =>
                backend?.type === "local" ||
                !backends.includes(backend?.type) ||
                JSON.stringify(backend.config ?? {}).includes(stackPlaceholder),
              rule(
                ["config"],
                `\`${stackPlaceholder}\` in the option that names the place, such as \`schema_name\`, \`key\`, \`prefix\`, \`address\` or \`path\`: each stack has its own state`,
              ),
            ),
      ),
    }),
  })
  .refine(
    (settings) => !((settings?.rotation?.expireDays ?? Infinity) <= settings?.check?.rotationDays),
    rule(
      ["rotation", "expireDays"],
      "more than `check.rotationDays`, so that a key is rotated before it ends",
    ),
  )
  .refine(
    (settings) =>
      settings?.vault?.address !== undefined ||
      [undefined, guideKeyPath].includes(settings?.openrouter?.path),
    rule(["openrouter", "path"], `${guideKeyPath}, unless \`vault.address\` names an external Vault`),
  )
  .refine(
    (settings) => !sharesPort(settings),
    rule(["openrouter", "baseUrl"], "a port other than the one at which Vault answers"),
  );

/** The settings of one instance, with every default filled in. */
export interface Settings extends z.output<typeof settingsSchema> {}
