import childProcess, { type ChildProcess, type SpawnOptions } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import https from "node:https";
import { basename } from "node:path";

/** What the tests give to a run of the program that is to be killed. */
export interface KillOrder {
  /** Every moment is written there, a line each. */
  readonly log: string;
  /** The moment at which the program is killed, as by a power cut; the first is 1. @default it runs to its end */
  readonly at?: number;
  /** A pattern: it is killed at the first moment whose name has it. */
  readonly on?: string;
}

/*
 * Loaded into the program before its own code (`node --require`). Everything that a run changes outside of its own memory goes
 * by one of the functions below: a file renamed into its place, removed or appended to; a request to Vault, OpenRouter or the
 * engine that changes something; Terraform. The moment right after each is one at which the run may be killed. What is awaited in
 * between changes nothing, so that a kill there leaves what a kill at the moment before leaves.
 */
const order: KillOrder | undefined = JSON.parse(process.env.TEST_KILL ?? "null") ?? undefined;
// What the program starts is killed with it, and not by itself.
delete process.env.TEST_KILL;
delete process.env.NODE_OPTIONS;

const append = fs.appendFileSync;
let count = 0;
let terraform: ChildProcess | undefined;

function moment(label: string): void {
  if (!order) return;
  count += 1;
  append(order.log, `${label}\n`);
  if (count !== order.at && !(order.on && new RegExp(order.on).test(label))) return;
  if (terraform?.pid && terraform.exitCode === null) killGroup(terraform.pid);
  process.kill(process.pid, "SIGKILL");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Terraform leads a process group of its own, in which its providers and our local-exec steps are. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // It ended this moment.
  }
}

function watchFiles(): void {
  const { renameSync, rmSync, existsSync, writeSync } = fs;
  Object.assign(fs, {
    renameSync: (from: string, to: string) => {
      renameSync(from, to);
      moment(`${basename(to)} written`);
    },
    rmSync: (path: string, options?: fs.RmOptions) => {
      const wasThere = existsSync(path);
      rmSync(path, options);
      if (wasThere && /\.(json|jsonl)$/.test(path)) moment(`${basename(path)} removed`);
    },
    writeSync: (...args: Parameters<typeof writeSync>) => {
      const written = writeSync(...args);
      // What is said goes by this one as well, as bytes.
      if (typeof args[1] === "string") moment("journal written");
      return written;
    },
  });
}

function watchRequests(): void {
  watchModule(http);
  watchModule(https as Pick<typeof http, "request">);
}

/** A module whose requests go to Vault, the engine or OpenRouter. */
function watchModule(module: Pick<typeof http, "request">): void {
  const { request } = module;
  const watched = (...args: Parameters<typeof request>) => {
    const call = request(...args);
    const path = call.path.split("?")[0]?.replace(/[0-9a-f]{64}/, "<key>") ?? "";
    const others = path.startsWith("/v1/") ? "Vault" : "OpenRouter";
    const to = (args[0] as http.RequestOptions).socketPath ? "engine" : others;
    // Logins give batch tokens, which leave nothing behind in Vault.
    if (call.method !== "GET" && !call.path.endsWith("/auth/approle/login")) {
      call.prependOnceListener("response", () => moment(`${to}: ${call.method} ${path} answered`));
    }
    return call;
  };
  Object.assign(module, { request: watched });
}

function watchTerraform(): void {
  const { spawn } = childProcess;
  const watched = (program: string, args: readonly string[], options: SpawnOptions) => {
    const child = spawn(program, args, options);
    const command = args[0] === "state" ? `state ${args[1]}` : (args[0] ?? "");
    if (!["apply", "state push"].includes(command)) return child;
    terraform = child;
    moment(`terraform ${command} begun`);
    let line = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      const lines = `${line}${chunk}`.split("\n");
      line = lines.pop() ?? "";
      for (const each of lines) said(each);
    });
    child.prependListener("exit", () => moment(`terraform ${command} ended`));
    return child;
  };
  Object.assign(childProcess, { spawn: watched });
}

function said(line: string): void {
  if (!line.startsWith("{")) return;
  const event = JSON.parse(line) as { type: string; hook?: { resource?: { addr: string } } };
  if (/^apply_(start|complete)$/.test(event.type))
    moment(`terraform: ${event.type.replace("_", " ")} of ${event.hook?.resource?.addr}`);
}

if (order) {
  watchFiles();
  watchRequests();
  watchTerraform();
}
