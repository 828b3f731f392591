import { execFile } from "node:child_process";
import { existsSync, readFileSync, renameSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import type { AlertMessage } from "../../lib/model/alert";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";

/** What the host runs by itself tells a person, through what a person added. */
describe("alerts of a deployed instance", () => {
  const host = new TestHost();
  const home = host.home("default");
  const key = newKey();
  const received: string[] = [];
  let beats = 0;
  let openrouter: LocalOpenRouter;
  let receiver: Server;
  let url = "";

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
    receiver = createServer(async (request, response) => {
      if (request.url === "/beat") beats += 1;
      else {
        const { data } = JSON.parse(await text(request)) as { data: AlertMessage };
        received.push(`${data.phase} ${data.event}`);
      }
      response.end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    await host.mustRun(["up"], { OPENROUTER_API_KEY: key });
  });
  afterAll(async () => {
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
    await openrouter.close();
    host.remove();
  });

  /** What cron runs. A check that fails ends with 1, and is told. */
  const scheduled = (name: string) =>
    promisify(execFile)("sh", [join(home.root, `scheduled-${name}.sh`)], { env: host.environment() }).catch(
      () => {},
    );

  test("a receiver is added after a test has reached it, and the check is scheduled", async () => {
    const refused = await host.run(["alerts", "add"], {}, "http://127.0.0.1:1/secret-path");
    expect([refused.code, existsSync(home.alerts)]).toEqual([1, false]);
    expect(refused.stderr).not.toContain("secret-path");
    const added = await host.mustRun(["alerts", "add"], {}, `${url}/secret-path\n`);
    expect(received.splice(0)).toEqual(["test test"]);
    expect(added.stderr).toContain("scheduled-check.sh");
    expect(added.stderr).not.toContain("secret-path");
    expect(statSync(home.alerts).mode & 0o777).toBe(0o600);
    await host.mustRun(["alerts", "heartbeat", `${url}/beat`]);
    const { stderr } = await host.mustRun(["alerts", "list"]);
    expect(stderr).toMatch(/^webhook +127\.0\.0\.1:\d+$/m);
    expect(stderr).not.toContain("secret-path");
  });

  test("a sealed Vault is told once, and that it is open again", async () => {
    await scheduled("check");
    expect([received.splice(0), beats]).toEqual([[], 1]);
    renameSync(home.shares, `${home.shares}.away`);
    host.docker("restart", "vault");
    await scheduled("check");
    await scheduled("check");
    expect([received.splice(0), beats]).toEqual([["raised vault.sealed"], 1]);
    renameSync(`${home.shares}.away`, home.shares);
    await scheduled("check");
    expect([received.splice(0), beats]).toEqual([["resolved vault.sealed"], 2]);
  });

  test("status shows it, a check that ran is no warning, and the metrics are written for everybody", async () => {
    const status = JSON.parse((await host.mustRun(["status", "--json"])).stdout);
    expect(status.alerts).toEqual(["webhook"]);
    expect(status.events.map(({ phase }: { phase: string }) => phase)).toEqual(["resolved", "raised"]);
    const file = join(host.folder, "openclaw.prom");
    await host.mustRun(["status", "--prometheus", file]);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readFileSync(file, "utf8")).toContain('openclaw_openrouter_vault_sealed{instance="default"} 0');
    const { stderr } = await host.mustRun(["schedule", "list"]);
    expect(stderr).toMatch(/^check +every 15 minutes.*last .*: success/m);
  });

  test("a removed receiver is told nothing", async () => {
    await host.mustRun(["alerts", "remove", "webhook"]);
    await host.mustRun(["alerts", "remove", "heartbeat"]);
    await scheduled("check");
    expect([received, beats]).toEqual([[], 2]);
  });
});
