import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../../../lib/core/system/cache-root";
import { outside } from "./package";

/**
 * The files of a Debian package, kept between runs; nothing is installed on the host.
 * @returns the folder that they lie in, undefined where apt cannot get it
 */
export function debianPackage(name: string): string | undefined {
  const folder = join(cacheRoot(), "debian", name);
  if (existsSync(folder)) return folder;
  mkdirSync(join(folder, ".."), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  const apt = (...args: string[]) =>
    execFileSync("nsenter", [...outside(), "apt-get", "-q", ...args], { cwd: draft, stdio: "pipe" });
  try {
    try {
      apt("download", name);
    } catch {
      // The lists are missing, or name files that are gone.
      apt("update");
      apt("download", name);
    }
    const file = readdirSync(draft).find((entry) => entry.endsWith(".deb")) ?? "";
    execFileSync("dpkg-deb", ["-x", join(draft, file), join(draft, "root")]);
    renameSync(join(draft, "root"), folder);
    return folder;
  } catch (error) {
    console.log(`${name} cannot be had: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
