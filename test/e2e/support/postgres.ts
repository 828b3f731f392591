import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describeUnless } from "../../support/skip";
import type { TestHost } from "./host";

/** Where its programs are, where it could be had. */
const programs = process.env.TEST_POSTGRES;

/** Tests that keep state in PostgreSQL: skipped where it cannot be had, as the runner says. */
export const describeWithPostgres = describeUnless(programs ? undefined : "PostgreSQL cannot be had");

/** A PostgreSQL of a test's own, run as its own user on the loopback and on a socket in the test's folder. */
export class TestPostgres {
  /** Letters of both cases and digits: a backend's client takes it unchanged, in a URL as well. */
  readonly password = `Pg${randomBytes(12).toString("hex")}`;
  private readonly folder: string;
  private readonly data: string;

  constructor(host: TestHost) {
    this.folder = join(host.folder, "postgres");
    this.data = join(this.folder, "data");
  }

  /** What a user of it has in the environment. */
  get environment(): Record<string, string> {
    return {
      PGHOST: "127.0.0.1",
      PGUSER: "terraform",
      PGDATABASE: "postgres",
      PGSSLMODE: "disable",
      PGPASSWORD: this.password,
    };
  }

  /** The same as one string. */
  get connection(): string {
    return `postgres://terraform:${this.password}@127.0.0.1/postgres?sslmode=disable`;
  }

  start(): void {
    mkdirSync(this.folder, { mode: 0o755 });
    const [uid, gid] = ["-u", "-g"].map((id) => Number(execFileSync("id", [id, "postgres"])));
    chownSync(this.folder, uid!, gid!);
    for (const up of ["..", "../..", "../../.."]) execFileSync("chmod", ["a+x", resolve(this.folder, up)]);
    const passwordFile = join(this.folder, "password");
    writeFileSync(passwordFile, this.password);
    chownSync(passwordFile, uid!, gid!);
    // Local connections are the test's own.
    const auth = ["--auth-host=scram-sha-256", "--auth-local=trust", `--pwfile=${passwordFile}`];
    this.run("initdb", "-D", this.data, "-U", "terraform", ...auth);
    rmSync(passwordFile);
    this.startAgain();
  }

  startAgain(): void {
    const options = `-h 127.0.0.1 -k ${this.folder} -c fsync=off`;
    this.run("pg_ctl", "-D", this.data, "-l", join(this.folder, "log"), "-w", "-o", options, "start");
  }

  /** At once: connections break. */
  stop(): void {
    this.run("pg_ctl", "-D", this.data, "-m", "immediate", "stop");
  }

  /** A statement's rows, a line each. */
  query(sql: string): string {
    return this.run("psql", "-h", this.folder, "-U", "terraform", "-d", "postgres", "-qtAc", sql).trim();
  }

  /** All that is in it, as text. */
  dump(): string {
    return this.run("pg_dump", "-h", this.folder, "-U", "terraform", "postgres");
  }

  private run(program: string, ...args: string[]): string {
    return execFileSync("runuser", ["-u", "postgres", "--", join(programs ?? "", program), ...args], {
      cwd: "/",
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  }
}
