import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { settingsSchema } from "../../lib/config/settings";
import { writeJson, writePrivateFile } from "../../lib/core/files/files";
import { childEnvironment } from "../../lib/core/system/environment";
import { type Deployment, deployment } from "../../lib/model/deployment";
import { homePaths } from "../../lib/model/home-paths";
import { renderArtifacts } from "../../lib/model/openclaw/openclaw";
import { checkParametersOf, installParametersOf } from "../../lib/model/run-parameters";
import { instanceTlsFiles } from "../../lib/model/vault/vault-tls";
import { install } from "../../lib/openclaw/install";
import { writeCredential } from "../../lib/store/credentials";
import { ensureInstanceTls } from "../../lib/vault/tls/instance-tls";
import { type Sandbox, type SandboxControl, sandboxControl, startSandbox } from "../support/sandbox";
import { DeployedVault } from "../support/vault/deployed-vault";
import { serveStub } from "../support/vault/server";

/** The stored key, which no output may hold. */
export const key = `sk-or-v1-${"0123456789abcdef".repeat(4)}`;
export const root = join(__dirname, "../..");
const instance = "trial";

/** A deployed instance: home, OpenClaw's files, a Vault and an OpenRouter that a test can disturb. No container. */
export interface Bed {
  readonly folder: string;
  readonly vault: DeployedVault;
  readonly sandbox: Sandbox;
  readonly openrouter: SandboxControl;
  readonly deployment: Deployment;
  /** Environment of the command. */
  readonly env: Record<string, string>;
  /** Runs `check` on it, as a person does. */
  check(...args: string[]): Promise<Outcome>;
  /** Runs another command. */
  run(...args: string[]): Promise<Outcome>;
  /** Puts everything back to how it was. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export interface Outcome {
  readonly code: number;
  /** For people. */
  readonly text: string;
  /** For programs. */
  readonly json: string;
}

/** @param settings beyond those that name the servers */
export async function makeBed(settings: object = {}): Promise<Bed> {
  const folder = mkdtempSync(join(tmpdir(), "check-"));
  const home = join(folder, "homes", instance);
  const vault = new DeployedVault();
  const tls = instanceTlsFiles(homePaths(home).tls);
  const id = "2f1c1a52-53a4-4c35-8dd4-f6a4f1a1f6ab";
  await ensureInstanceTls({
    folder: homePaths(home).tls,
    instanceId: id,
    container: `vault-${instance}`,
  });
  const vaultServer = await serveStub((call) => vault.answer(call), tls);
  const sandbox = await startSandbox({ port: 0, key });
  const openrouter = sandboxControl(sandbox.port);
  const given = {
    vault: { port: vaultServer.port },
    openrouter: { baseUrl: sandbox.baseUrl },
    openclaw: { folder: join(folder, "openclaw") },
    // Who runs the tests deploys and runs OpenClaw.
    check: { accepted: [{ id: "openclaw.user", warning: "same-user", reason: "a test" }] },
    ...settings,
  };
  const described = deployment(instance, settingsSchema.parse(given), home, folder);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeJson(described.home.instance, {
    format: 2,
    id,
    created: "2026-11-23T12:00:00.000Z",
  });
  writeJson(join(home, "openrouter.settings.json"), given);
  writeJson(described.home.state("openrouter"), {});
  for (const name of ["reader", "auditor"] as const) {
    writeCredential(described.home, name, { roleId: `role-${name}`, secretId: "secret" });
  }

  const env = childEnvironment(
    {
      OPENCLAW_OPENROUTER_HOME: join(folder, "homes"),
      OPENCLAW_OPENROUTER_PUBLIC: join(folder, "public"),
      OPENCLAW_OPENROUTER_INSTANCE: instance,
      DOCKER_HOST: `unix://${folder}/no-engine.sock`,
      PATH: `${join(folder, "bin")}:${process.env.PATH}`,
    },
    {},
  );
  const bed: Bed = {
    folder,
    vault,
    sandbox,
    openrouter,
    deployment: described,
    env,
    check: (...args) => bed.run("check", ...args),
    async run(...args) {
      const program = join(root, "scripts/openclaw-openrouter.mjs");
      // Not the project's root, where a settings file may lie.
      const command = [program, ...args];
      return new Promise((resolve) => {
        execFile(process.execPath, command, { env, cwd: folder }, (error, json, text) => {
          resolve({ code: error ? Number(error.code) : 0, json, text });
        });
      });
    },
    async reset() {
      Object.assign(vault, new DeployedVault());
      vault.secret = { data: { api_key: key }, version: 3, created: new Date() };
      await openrouter.clearFaults();
      await openrouter.putKey({ key, ...fresh });
      await openrouter.clearRequests();
      for (const [name, text] of Object.entries(renderArtifacts(described))) {
        writePrivateFile(join(described.home.rendered, name), text);
      }
      rmSync(described.openclawFolder, { recursive: true, force: true });
      install(installParametersOf(described));
    },
    async close() {
      await Promise.all([vaultServer.close(), sandbox.close()]);
      rmSync(folder, { recursive: true });
    },
  };
  await bed.reset();
  return bed;
}

/** A key in its state right after the deploy. */
const fresh = {
  disabled: false,
  management: false,
  limit: 30,
  limitReset: "monthly",
  expiresAt: null,
  usage: { total: 0, daily: 0, weekly: 0, monthly: 0 },
} as const;

/** Some beds, of which each test takes one to itself: so tests run side by side. */
export class Beds {
  private readonly free: Bed[];
  private waiting: ((bed: Bed) => void)[] = [];

  private constructor(private readonly all: readonly Bed[]) {
    this.free = [...all];
  }

  /** As many as can work at once: on a busy machine more of them would wait so long for each other that a check gives up. */
  static async make(): Promise<Beds> {
    const count = Math.max(1, availableParallelism() - 1);
    const beds = await Promise.all(Array.from({ length: count }, () => makeBed()));
    // The first run may have to compile.
    await beds[0]?.check("--only", "models.known");
    return new Beds(beds);
  }

  async use(work: (bed: Bed) => Promise<void>): Promise<void> {
    const bed = this.free.pop() ?? (await new Promise<Bed>((resolve) => this.waiting.push(resolve)));
    try {
      await bed.reset();
      await work(bed);
    } finally {
      const next = this.waiting.shift();
      if (next) next(bed);
      else this.free.push(bed);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((bed) => bed.close()));
  }
}

export function parametersOf(bed: Bed) {
  return checkParametersOf(bed.deployment);
}
