import { execFile, execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { day } from "../../lib/core/time";
import type { AlertMessage } from "../../lib/model/alert";
import { secretProviderName, secretReferenceId } from "../../lib/model/openclaw/openclaw";
import { openclawPaths } from "../../lib/model/openclaw/openclaw-paths";
import { instanceTlsPaths } from "../../lib/model/vault/vault-tls";
import { describeUnless } from "../support/skip";
import { debianPackage } from "./support/debian";
import { DeployedHost, deployedKey } from "./support/deployed";
import { isFull } from "./support/full";
import type { LocalOpenRouter } from "./support/openrouter";
import { TestVault } from "./support/vault";

/** Debian's libfaketime shifts the clock of one process and its children; this machine's is never set. */
const preloaded = isFull ? debianPackage("libfaketime") : undefined;
const reason = isFull ? preloaded === undefined && "libfaketime cannot be had" : "only in npm run test:full";

/** The days on which the host does what it does by itself. The key is due for rotation on the 90th. */
const days = [1, 30, 60, 75, 77, ...Array.from({ length: 28 }, (_, index) => 90 + 30 * index)];
const restarts = new Set([60, 420, 870]);

const shifted = (after: number) => {
  const libraries = join(preloaded ?? "", "usr/lib");
  const [architecture = ""] = readdirSync(libraries);
  const LD_PRELOAD = join(libraries, architecture, "faketime/libfaketime.so.1");
  return { LD_PRELOAD, FAKETIME: `+${after}d`, DONT_FAKE_MONOTONIC: "1" };
};

/**
 * What Node and its children see of time is shifted. Vault's own clock is not, nor that of Terraform and Vault's CLI, which Go
 * takes from the kernel, nor the resolver's that a check starts with an environment of its own: a certificate that was renewed in
 * the future is not valid for them yet, so these are not called.
 */
describeUnless(reason || undefined)("a host that nobody touches for 900 days", () => {
  const host = new DeployedHost();
  const home = host.home("default");
  const { server: certificateFile } = instanceTlsPaths(home.tls);
  const received: string[] = [];
  const problems: string[] = [];
  const began = Date.now();
  let openrouter: LocalOpenRouter;
  let receiver: Server;
  let first = "";

  const backups = () =>
    readdirSync(join(host.userHome, ".openclaw-openrouter-backups/default")).filter((name) =>
      name.endsWith(".tar"),
    );
  const certificate = () => new X509Certificate(readFileSync(certificateFile));

  beforeAll(async () => {
    openrouter = await host.restore();
    receiver = createServer(async (request, response) => {
      const { data } = JSON.parse(await text(request)) as { data: AlertMessage };
      const after = Math.round((Date.parse(data.at) - began) / day);
      received.push(`${after} ${data.phase} ${data.event}`);
      response.end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    await host.mustRun(["alerts", "add"], {}, url);
    await host.mustRun(["schedule", "add", "check", "--skip", "docker.exec,openclaw.config"]);
    await host.mustRun(["schedule", "add", "backup"]);
    await host.mustRun(["schedule", "add", "unseal"]);
    received.splice(0);
    first = certificate().fingerprint256;
  });
  afterAll(async () => {
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
    await openrouter.close();
    host.remove();
  });

  /** What cron runs, on another day. */
  async function scheduled(name: string, after: number): Promise<void> {
    const script = join(home.root, `scheduled-${name}.sh`);
    await promisify(execFile)("sh", [script], { env: host.environment(shifted(after)) }).catch(({ stderr }) =>
      problems.push(`${after} ${name}: ${stderr}`),
    );
  }

  /** What OpenClaw's gateway gets on another day. */
  function resolved(after: number): unknown {
    const { own, resolver, vaultCa } = openclawPaths(join(host.userHome, ".openclaw"));
    const { address } = new TestVault(host).place;
    const ids = [secretReferenceId];
    const said = execFileSync(resolver, [], {
      cwd: own,
      env: { ...shifted(after), OPENCLAW_CLI: "1", VAULT_ADDR: address, VAULT_CACERT: vaultCa },
      input: JSON.stringify({ protocolVersion: 1, provider: secretProviderName, ids }),
      encoding: "utf8",
    });
    return JSON.parse(said).values[secretReferenceId];
  }

  test("everything that it does by itself goes well on each of them", async () => {
    for (const after of days) {
      await openrouter.control.setClock(new Date(began + after * day).toISOString());
      if (restarts.has(after)) {
        host.docker("restart", "vault");
        await scheduled("unseal", after);
      }
      await scheduled("backup", after);
      await scheduled("check", after);
    }
    expect(problems).toEqual([]);
  }, 1_500_000);

  test("it told of the rotation two weeks ahead, and of nothing else", () => {
    expect(received).toEqual(["77 raised key.rotation-due"]);
  });

  test("its certificate was renewed, and is valid on the last day", () => {
    expect(certificate().fingerprint256).not.toBe(first);
    expect(Date.parse(certificate().validTo)).toBeGreaterThan(began + 900 * day);
  });

  test("it has eight backups, and a history of 400 days", () => {
    expect(backups()).toHaveLength(8);
    expect(readdirSync(home.history).length).toBeLessThanOrEqual(15);
  });

  test("it still serves the key", () => {
    expect(resolved(900)).toBe(deployedKey);
  });
});
