import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { readShares } from "../../../lib/vault/shares/shares-file";
import { unseal } from "../../../lib/vault/unseal";
import { waitForVault } from "../../../lib/vault/wait";
import { unmountLeft } from "../../support/engine";
import { stopEngine } from "./engine";
import { TestHost } from "./host";
import { type LocalOpenRouter, localOpenRouterAt } from "./openrouter";
import { TestVault } from "./vault";

/** The key of the instance that {@link DeployedHost} restores. */
export const deployedKey = `sk-or-v1-${createHash("sha256").update("the deployed instance").digest("hex")}`;

/** Where its OpenRouter listens: the address is in its settings. Each lane has a network of its own. */
const openRouterPort = 18390;

/**
 * A host on which the instance `default` is deployed, unchanged since: for tests of what comes afterwards. A lane deploys it
 * once, keeps the stopped engine's whole data and the user's home, and later files restore them, so that all ids match.
 */
export class DeployedHost extends TestHost {
  constructor() {
    // The same at each restore: paths of the home are in the instance's records.
    super(withoutFolder(join(laneFolder(), "deployed")));
  }

  /**
   * From nothing, whatever was on this host before.
   * @param keys those that OpenRouter takes besides {@link deployedKey}
   * @returns the OpenRouter of the instance, which nobody has asked yet
   */
  async restore(...keys: string[]): Promise<LocalOpenRouter> {
    this.clear();
    const kept = join(laneFolder(), "kept");
    if (existsSync(kept)) await this.whileStopped((data) => this.putBack(kept, data));
    else await this.deployAndKeep(kept);
    this.docker("start", "vault");
    const openrouter = await localOpenRouterAt(openRouterPort, deployedKey, ...keys);
    await this.unsealVault();
    return openrouter;
  }

  private async deployAndKeep(kept: string): Promise<void> {
    const openrouter = await localOpenRouterAt(openRouterPort, deployedKey);
    this.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
    await this.mustRun(["up"], { OPENROUTER_API_KEY: deployedKey });
    await openrouter.close();
    this.docker("stop", "vault");
    const draft = `${kept}.draft`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft);
    await this.whileStopped((data) => {
      copyData(data, join(draft, "data"));
      copy(this.userHome, join(draft, "home"));
    });
    renameSync(draft, kept);
  }

  private putBack(kept: string, data: string): void {
    rmSync(data, { recursive: true });
    copyData(join(kept, "data"), data);
    rmSync(this.userHome, { recursive: true });
    copy(join(kept, "home"), this.userHome);
  }

  private async whileStopped(work: (data: string) => void): Promise<void> {
    const start = await stopEngine(this, "SIGTERM");
    try {
      await unmountLeft(join(laneFolder(), "engine"));
      work(join(laneFolder(), "engine/data"));
    } finally {
      await start();
    }
  }

  private async unsealVault(): Promise<void> {
    const { client } = new TestVault(this);
    const shares = readShares(this.home("default").shares);
    if (!shares) throw new Error("there are no shares");
    await waitForVault(client);
    await unseal(client, shares);
  }
}

/** A file whose tests are all skipped makes a host and removes none. */
function withoutFolder(path: string): string {
  rmSync(path, { recursive: true, force: true });
  return path;
}

function laneFolder(): string {
  return dirname(process.env.TEST_ENGINE?.replace("unix://", "") ?? "");
}

function copy(from: string, to: string): void {
  execFileSync("cp", ["-a", from, to]);
}

/** Layers of images are never written to, so they are linked; all else is copied. */
function copyData(from: string, to: string): void {
  mkdirSync(to, { mode: 0o710 });
  for (const name of readdirSync(from))
    execFileSync("cp", [name === "overlay2" ? "-al" : "-a", join(from, name), join(to, name)]);
}
