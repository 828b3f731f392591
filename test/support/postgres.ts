import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { installPackage } from "./apt";

const versions = "/usr/lib/postgresql";

/** The folder of PostgreSQL's programs, as Debian's package places them; undefined where there are none. */
export function postgresFolder(): string | undefined {
  const found = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(b) - Number(a)) : [];
  return found
    .map((version) => join(versions, version, "bin"))
    .find((bin) => existsSync(join(bin, "initdb")));
}

/** @returns why it cannot be had; undefined where it is there */
export function installPostgres(): Promise<string | undefined> {
  return installPackage("postgresql", () => postgresFolder() !== undefined);
}
