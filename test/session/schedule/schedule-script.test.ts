import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../../../lib/core/system/find-program";
import { renderScript, type ScriptOptions, withStart } from "../../../lib/session/schedule/schedule-script";
import { makeCertificate } from "../../support/certificate";
import { scratchFolder } from "../../support/folder";

const folder = scratchFolder();
const calls = join(folder, "calls");
const program = join(folder, "program.js");
writeFileSync(program, `require("node:fs").appendFileSync(${JSON.stringify(calls)}, "called\\n")`);

const options: ScriptOptions = {
  ...{ command: "unseal", instance: "paris", arguments: [], environment: {}, isAtBoot: false },
  ...{ node: process.execPath, program },
};

/** Runs a script, not waited for in one piece: this process is Vault meanwhile. @returns how often the program ran */
async function ran(script: string, path: string): Promise<number> {
  writeFileSync(calls, "");
  await promisify(execFile)("/bin/sh", ["-c", script], { env: { PATH: path } });
  return readFileSync(calls, "utf8").split("\n").length - 1;
}

/** A PATH with these programs alone. */
function pathWith(...programs: string[]): string {
  const bin = join(folder, programs.join("-"));
  mkdirSync(bin, { recursive: true });
  for (const name of programs) {
    const found = name === "node" ? process.execPath : findProgram(name, process.env.PATH ?? "");
    if (found && !existsSync(join(bin, name))) symlinkSync(found, join(bin, name));
  }
  return bin;
}

const { certificateFile, keyFile, caFile } = makeCertificate(folder, "it's vault");
const other = makeCertificate(folder, "other");

describe.each([
  ["curl", pathWith("curl")],
  ["OpenSSL", pathWith("openssl", "timeout")],
  ["Node alone", pathWith()],
])("a script that asks Vault first, by %s", (_, path) => {
  let status = 200;
  const files = { key: readFileSync(keyFile), cert: readFileSync(certificateFile) };
  const server = createServer(files, (_, response) => response.writeHead(status).end("{}"));
  let address = "";
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test.each([
    ["open", 200, 0],
    ["sealed", 503, 1],
    ["not initialized", 501, 1],
  ])("of one that is %s (status %i) starts the program %i times", async (_, given, times) => {
    status = given;
    expect(await ran(renderScript({ ...options, vault: { address, caFile } }), path)).toBe(times);
  });

  test.each([
    ["another CA's certificate", () => ({ address, caFile: other.caFile })],
    ["no listener", () => ({ address: "https://127.0.0.1:1", caFile })],
    ["a missing CA", () => ({ address, caFile: join(folder, "missing") })],
  ])("does not believe %s", async (_, vault) => {
    status = 200;
    expect(await ran(renderScript({ ...options, vault: vault() }), path)).toBe(1);
  });

  test("asks without a proxy", async () => {
    status = 200;
    const environment = { https_proxy: "http://127.0.0.1:1", HTTPS_PROXY: "http://127.0.0.1:1" };
    expect(await ran(renderScript({ ...options, environment, vault: { address, caFile } }), path)).toBe(0);
  });

  test("asks at the port to which `up` moved Vault", async () => {
    status = 200;
    const before = renderScript({ ...options, vault: { address: "https://127.0.0.1:1", caFile } });
    const moved = { node: process.execPath, program, vault: { address, caFile } };
    expect(await ran(withStart(before, moved), path)).toBe(0);
    // One that does not ask goes on so.
    expect(await ran(withStart(renderScript(options), moved), path)).toBe(1);
  });
});

test("a script whose Node is gone runs by the one on the scheduler's PATH", async () => {
  expect(await ran(renderScript({ ...options, node: "/gone/node" }), pathWith("node"))).toBe(1);
});
