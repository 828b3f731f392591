import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join, relative } from "node:path";
import { reasonOf } from "../../lib/core/errors";
import { runDrift } from "../../lib/drift/run-drift";
import { identityNames } from "../../lib/model/vault/identities";
import { loadDeployment } from "../../lib/session/load-deployment";
import { readCredential } from "../../lib/store/credentials";
import { withSharedProviders } from "../../lib/terraform/fast/shared-providers";
import { Terraform } from "../../lib/terraform/terraform";
import { readShares } from "../../lib/vault/shares/shares-file";
import { Normaliser } from "../support/recorded/normalise";
import {
  changesSince,
  type Recording,
  type Recordings,
  readRecordings,
  recordingsFile,
} from "../support/recorded/recording";
import { isPlayed, recordedFiles } from "../support/recorded/rows";
import { tape } from "../support/recorded/tape";
import { describeUnless } from "../support/skip";
import { DriftBed } from "./support/drift-bed";
import { scriptedDrifts } from "./support/drifts";

jest.mock("../../lib/core/network/http", () => {
  const real = jest.requireActual("../../lib/core/network/http");
  const { recording } = jest.requireActual("../support/recorded/tape");
  return { ...real, exchange: recording(real.exchange) };
});

/** What reads a plan, and of which stack it is. */
interface PlanReader {
  readonly props: { readonly stack: string };
  readPlan(): Promise<unknown>;
}

const isWanted = Boolean(process.env.TEST_RECORD);
/** Keeps what was recorded of other drifts: half an hour of a whole recording. */
const isForMissing = process.env.TEST_RECORD === "missing";

describeUnless(isWanted ? undefined : "only in npm run record")(
  "what real parts tell of scripted drifts",
  () => {
    const bed = new DriftBed();
    const environment = process.env;
    let plans: Record<string, unknown> = {};

    beforeAll(async () => {
      // Each stack is planned alone.
      process.env = { ...environment, ...bed.host.environment(), OPENCLAW_OPENROUTER_PLAIN: "1" };
      jest.spyOn(os, "homedir").mockReturnValue(bed.host.userHome);
      const reader = Terraform.prototype as unknown as PlanReader;
      const real = reader.readPlan;
      jest.spyOn(reader, "readPlan").mockImplementation(async function (this: PlanReader) {
        const plan = await real.call(this);
        plans[this.props.stack] = plan;
        return plan;
      });
      await bed.deploy();
    });
    afterAll(async () => {
      process.env = environment;
      await bed.remove();
    });

    test("are recorded", async () => {
      const normaliser = new Normaliser({ deployed: bed.key, other: bed.otherKey }, [
        [bed.host.folder, "/host"],
        [engineFolder(), "/engine"],
        ...identityNames.flatMap((name) => credentialTexts(name)),
      ]);
      const deployed = normalised(normaliser, await record());
      const drifts: Record<string, Recording> = isForMissing ? { ...readRecordings().drifts } : {};
      const versions = {
        vault: bed.host.docker("exec", "vault", "vault", "version"),
        engine: bed.host.docker("version", "--format", "{{.Server.Version}}"),
      };
      requireHarmless(deployed);
      const failed: string[] = [];
      for (const drift of scriptedDrifts.filter((each) => isPlayed(each) && !drifts[each.name])) {
        await bed.deploy();
        try {
          await bed.run(drift.line);
          drifts[drift.name] = changesSince(deployed, normalised(normaliser, await record()));
        } catch (error) {
          failed.push(`${drift.name}: ${reasonOf(error)}`);
          continue;
        }
        requireHarmless(drifts[drift.name]);
        process.stderr.write(`recorded: ${drift.name}\n`);
      }
      const recordings: Recordings = { of: versions, deployed, drifts };
      writeFileSync(recordingsFile, `${JSON.stringify(recordings)}\n`);
      expect(failed).toEqual([]);
    }, 7_200_000);

    async function record(): Promise<Recording> {
      tape.answers = {};
      plans = {};
      for (const name of identityNames) {
        const credential = readCredential(bed.home, name);
        if (credential) tape.identities[credential.roleId] = name;
      }
      const deployment = loadDeployment("default");
      const report = await withSharedProviders((sharedProviders) =>
        runDrift({
          deployment,
          network: true,
          gateway: "no",
          allOfVault: false,
          sharedProviders,
          progress: () => {},
        }),
      ).catch((error) => {
        throw new Error(`drift: ${reasonOf(error)}`);
      });
      const skipped = report.skipped.map(({ what }) => what);
      const of = (stack: string) =>
        skipped.includes(`plan of the stack ${stack}`) ? {} : { [stack]: planOf(plans[stack]) };
      return {
        answers: Object.fromEntries(Object.entries(tape.answers).sort(([a], [b]) => (a < b ? -1 : 1))),
        plans: { ...of("vault"), ...of("openrouter") },
        files: filesOf(bed.home.root),
      };
    }

    /** Where the engine keeps volumes and sockets. */
    function engineFolder(): string {
      return join(bed.host.engine.replace(/^unix:\/\//, ""), "..", "engine");
    }

    function credentialTexts(name: (typeof identityNames)[number]): [string, string][] {
      const credential = readCredential(bed.home, name);
      if (!credential) throw new Error(`the ${name} has no credential`);
      return [
        [credential.roleId, `ROLE-ID-OF-${name}`],
        [credential.secretId, `SECRET-ID-OF-${name}`],
      ];
    }

    /** Nothing that opens anything may be recorded, be it of a Vault that is gone. */
    function requireHarmless(recording: unknown): void {
      const text = JSON.stringify(recording);
      const shares = readShares(bed.home.shares)?.shares ?? [];
      const credentials = identityNames.map((name) => readCredential(bed.home, name)?.secretId);
      const secrets = [bed.key, bed.otherKey, ...shares, ...credentials].filter((each) => each !== undefined);
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
      expect(text.match(/.{40}(sk-or-v1-|hv[sb]\.\w|BEGIN [A-Z ]*PRIVATE KEY)/g)).toBeNull();
    }
  },
);

function filesOf(home: string): Record<string, unknown> {
  return Object.fromEntries(
    recordedFiles
      .flatMap((path) => below(join(home, path)))
      .map((path) => [relative(home, path), JSON.parse(readFileSync(path, "utf8") || "null")]),
  );
}

function below(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).map((name) => join(path, name));
}

interface Change {
  readonly address: string;
  readonly change: { readonly actions: readonly string[] };
}

interface Plan {
  readonly resource_drift?: readonly Change[];
  readonly resource_changes?: readonly Change[];
  readonly configuration?: {
    readonly root_module?: { readonly resources?: readonly { address: string; expressions?: object }[] };
  };
}

/** What is read of a plan, of the resources that it changes: its other parts repeat the state. */
function planOf(json: unknown): unknown {
  if (json === undefined) return null;
  const { resource_drift = [], resource_changes = [], configuration } = json as Plan;
  const changes = resource_changes.filter(({ change }) => change.actions.join() !== "no-op");
  const addresses = new Set([...resource_drift, ...changes].map(({ address }) => address));
  const resources = configuration?.root_module?.resources ?? [];
  return {
    resource_drift,
    resource_changes: changes,
    configuration: {
      root_module: {
        resources: resources
          .filter(({ address }) => addresses.has(address))
          .map(({ address, expressions = {} }) => ({
            address,
            expressions: Object.fromEntries(Object.keys(expressions).map((name) => [name, {}])),
          })),
      },
    },
  };
}

function normalised(normaliser: Normaliser, recording: Recording): Recording {
  return JSON.parse(normaliser.apply(JSON.stringify(pruned(recording))));
}

/** Fields that say only where and when something ran, and tokens. */
const left = new Set(
  "GraphDriver client_token request_id MacAddress SystemTime private EndpointID SandboxID SandboxKey NFd NGoroutines".split(
    " ",
  ),
);

/** In one order of names: Vault's answers have any. */
function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruned);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([name, each]) => [
      name,
      left.has(name) ? (name === "client_token" ? "TOKEN" : "") : pruned(each),
    ]),
  );
}
