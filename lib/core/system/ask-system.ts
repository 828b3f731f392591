import { execFileSync } from "node:child_process";

/**
 * What a program of the system prints about users and groups; `id` and `getent` also know those of a directory service.
 * @throws Error if it fails, as for an unknown name, or takes more than 10 seconds
 */
export function askSystem(program: "id" | "getent", ...args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 10_000,
    maxBuffer: 64 * 1024 * 1024,
  });
}
