import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeOnce } from "../../lib/core/files/make-once";
import { cacheRoot } from "../../lib/core/system/cache-root";
import { run } from "../../lib/core/system/process";

/** The real OpenClaw, and the Node that it needs, as npm has them. */
const openclaw = "openclaw@2026.9.6";
const node = { name: `node-linux-${process.arch}`, version: "24.21.0" };

/** Where it is kept between runs; absent or whole. */
export function openClawFolder(): string {
  return join(cacheRoot(), "openclaw", `${openclaw}-node-${node.version}-${process.arch}`);
}

/** The Node and the program of an installed OpenClaw. */
export function openClawCommand(folder: string): { readonly node: string; readonly program: string } {
  return {
    node: join(folder, "node_modules", node.name, "bin/node"),
    program: join(folder, "node_modules/openclaw/openclaw.mjs"),
  };
}

/**
 * Installs it where it is not there yet: 1.1 GB, a minute.
 * @returns why it cannot be had; undefined where it is there
 */
export async function installOpenClaw(): Promise<string | undefined> {
  try {
    await makeOnce(openClawFolder(), async (folder) => {
      console.log(`  installing ${openclaw}`);
      writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
      const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
      const { exitCode, stderr, failure } = await run(
        "npm",
        [...args, `${node.name}@${node.version}`, openclaw],
        {
          cwd: folder,
          env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "/root" },
        },
      );
      if (exitCode !== 0) throw new Error(failure ?? stderr.split("\n")[0]);
    });
    return undefined;
  } catch (error) {
    return `npm does not install ${openclaw}: ${(error as Error).message}`;
  }
}

/** Whether it is there without being asked for. */
export function isOpenClawThere(): boolean {
  return existsSync(openClawFolder());
}
