import { execFile } from "node:child_process";
import { existsSync, readFileSync, renameSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { SMTPServer } from "smtp-server";
import type { AlertMessage } from "../../lib/model/alert";
import { makeCertificate } from "../support/certificate";
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
    await host.mustRun(["alerts", "heartbeat"], {}, `${url}/beat\n`);
    expect(beats).toBe(1);
    beats = 0;
    const { stderr } = await host.mustRun(["alerts", "list"]);
    expect(stderr).toMatch(/^webhook +127\.0\.0\.1:\d+$/m);
    expect(stderr).not.toContain("secret-path");
  });

  test("a sealed Vault is reported once, and that it is open again", async () => {
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

  test.each([
    ["smtps, TLS from the first byte", true],
    ["smtp, by STARTTLS", false],
  ])("mail goes by %s, to a server that a trusted CA proves", async (_, secure) => {
    const { certificateFile, keyFile, caFile } = makeCertificate(host.folder, "mail");
    const mails: string[] = [];
    const server = new SMTPServer({
      ...{ secure, key: readFileSync(keyFile), cert: readFileSync(certificateFile), logger: false },
      onAuth: ({ username, password }, _session, done) =>
        password === "p@ss" ? done(null, { user: username }) : done(new Error("no")),
      async onData(stream, session, done) {
        mails.push(`${session.secure} ${session.envelope.rcptTo[0]?.address} ${await text(stream)}`);
        done();
      },
    });
    // Whoever does not believe its certificate ends the connection.
    server.on("error", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const { port: mailPort } = server.server.address() as AddressInfo;
    const target = `${secure ? "smtps" : "smtp"}://me%40example.org:p%40ss@localhost:${mailPort}/?to=you@example.org`;
    const unproven = await host.run(["alerts", "add"], {}, target);
    expect([unproven.code, mails]).toEqual([1, []]);
    await host.mustRun(["alerts", "add"], { NODE_EXTRA_CA_CERTS: caFile }, target);
    expect(mails).toEqual([expect.stringMatching(/^true you@example\.org .*Alerts arrive here/s)]);
    await host.mustRun(["alerts", "remove", "mail"]);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test("status shows it, a check that ran is no warning, and the metrics are written for everybody", async () => {
    const status = JSON.parse((await host.mustRun(["status", "--json"])).stdout);
    expect(status.alerts).toEqual(["webhook"]);
    expect(status.events.map(({ phase }: { phase: string }) => phase)).toEqual(["resolved", "raised"]);
    const file = join(host.folder, "openclaw.prom");
    await host.mustRun(["status", "--prometheus", file]);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readFileSync(file, "utf8")).toContain(
      'openclaw_openrouter_vault_sealed{openclaw_instance="default"} 0',
    );
    const { schedules } = JSON.parse((await host.mustRun(["schedule", "list", "--json"])).stdout);
    expect(schedules[0]).toMatchObject({ name: "check", last: { result: "success" } });
  });

  test("a removed receiver is told nothing", async () => {
    await host.mustRun(["alerts", "remove", "webhook"]);
    await host.mustRun(["alerts", "remove", "heartbeat"]);
    await scheduled("check");
    expect([received, beats]).toEqual([[], 2]);
  });
});
