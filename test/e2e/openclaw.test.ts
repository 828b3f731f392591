import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountOf } from "../../lib/core/system/os-user";
import { keyFingerprint } from "../../lib/model/openrouter-key";
import { contentOf } from "../support/folder";
import { describeUnless } from "../support/skip";
import { describeInFull, testInFull } from "./support/full";
import { TestHost, until } from "./support/host";
import { OpenClaw } from "./support/openclaw";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { TestVault } from "./support/vault";

const installed = process.env.TEST_OPENCLAW;
const primary = "anthropic/claude-sonnet-5";
const fallback = "anthropic/claude-haiku-4.5";

/** A user's own, with comments, an agent and a channel. */
const gatewayConfig = `// My OpenClaw
{
  gateway: { mode: "local" }, // no more than that
  agents: { list: [{ id: "main", default: true, name: "Main" }] },
  channels: { telegram: { enabled: false } },
  /* the end */
}
`;
/** The setup guide's whole example. */
const guideConfig = `{
    "instance_name": "oa-paris",
    "environment": "staging",
    "model": { "provider": "openrouter", "default_model": "anthropic/claude-sonnet-4-20250514" },
    "vault": { "enabled": false },
    "database": { "type": "postgresql", "host": "127.0.0.1", "port": 5432 },
    "gateway": { "port": 18789, "token_env": "OPENCLAW_GATEWAY_TOKEN" },
    "notifications": { "email": null },
    "logging": { "level": "info" },
    "workspace": "/srv/openclaw",
    "security": { "allow": [ "127.0.0.1" ] }
}`;

describeUnless(installed ? undefined : "the real OpenClaw is not installed")(
  "OpenClaw itself runs on what was deployed",
  () => {
    const host = new TestHost();
    const vault = new TestVault(host);
    const folder = join(host.userHome, ".openclaw");
    const key = newKey();
    const trap = newKey();
    const openclaw = new OpenClaw(installed ?? "", host.userHome, trap);
    let openrouter: LocalOpenRouter;
    jest.setTimeout(600_000);

    const settings = () => ({
      openrouter: { baseUrl: openrouter.baseUrl },
      openclaw: { node: openclaw.node, command: openclaw.program },
    });

    /** The chats that OpenRouter saw: whose key, which model, what came of it. */
    async function chats(): Promise<string[]> {
      const names = { [keyFingerprint(key)]: "the key from Vault", [keyFingerprint(trap)]: "the trap" };
      const seen = (await openrouter.control.requests()).filter(({ path }) => path === "/chat/completions");
      return seen.map(
        ({ key: used, model, status }) =>
          `${names[used?.fingerprint ?? ""] ?? used?.label}, ${model}, ${status}`,
      );
    }
    const agent = (session: string, ...more: string[]) =>
      openclaw.run(
        "agent",
        "--session-id",
        session,
        "--message",
        "Reply OK",
        "--json",
        "--timeout",
        "120",
        ...more,
      );
    /** What a run printed, for the table at the end of a whole run. */
    const told: string[] = [];
    const tell = (what: string, lines: readonly string[]) => told.push(`${what}: ${lines.join(" | ")}`);

    beforeAll(async () => {
      openrouter = await localOpenRouter(key, trap);
      mkdirSync(folder, { mode: 0o700 });
      writeFileSync(join(folder, "openclaw.json"), gatewayConfig, { mode: 0o600 });
      writeFileSync(join(folder, "config.json"), guideConfig, { mode: 0o644 });
      host.writeSettings("default", settings());
      await host.mustRun(["up"], { OPENROUTER_API_KEY: key });
    });
    beforeEach(() => openrouter.control.clearRequests());
    afterAll(async () => {
      await openclaw.stop();
      await openrouter.close();
      host.remove();
      if (told.length > 0) process.stderr.write(`\n${told.join("\n")}\n`);
    });

    test("its configuration is valid, and its secrets resolve", async () => {
      const validated = await openclaw.run("config", "validate");
      const audited = await openclaw.run("secrets", "audit", "--check", "--allow-exec");
      tell("config validate, secrets audit", [validated.stdout.trim(), audited.stdout.trim()]);
      expect([validated.code, audited.code]).toEqual([0, 0]);
      expect(audited.stdout).toContain("unresolved=0, shadowed=0");
    });

    testInFull("the check has the gateway's own word, and leaves the folder as it was", async () => {
      const before = contentOf(folder);
      const { stdout } = await host.run(["check", "--only", "openclaw.gateway", "--json"]);
      const [found] = JSON.parse(stdout).results;
      tell("check --only openclaw.gateway", [found.summary, ...found.details]);
      expect(found).toMatchObject({
        status: "pass",
        summary: "main: declared models, Vault's key (OpenClaw's word)",
        details: [`agent main: openrouter/${primary}, with Vault's key`, "asked: OpenClaw 2026.9.6"],
      });
      expect(contentOf(folder)).toEqual(before);
    });

    testInFull("a model and an agent answer, by the key from Vault, whatever is exported", async () => {
      const args = ["--model", `openrouter/${primary}`, "--prompt", "Reply OK", "--json"];
      const inferred = await openclaw.run("infer", "model", "run", "--local", ...args);
      expect(JSON.parse(inferred.stdout)).toMatchObject({ ok: true, outputs: [{ text: "OK" }] });
      expect(await chats()).toEqual([`the key from Vault, ${primary}, 200`]);
      const turn = await agent("first", "--local");
      expect(turn.code).toBe(0);
      tell("infer, agent", await chats());
      expect(new Set(await chats())).toEqual(new Set([`the key from Vault, ${primary}, 200`]));
    });

    test("the user's own files stay intact around ours", () => {
      const gateway = readFileSync(join(folder, "openclaw.json"), "utf8");
      expect(gateway).toBe(gatewayConfig.replace("{\n", '{\n  "$include": ["./openrouter.json5"],\n'));
      const guide = readFileSync(join(folder, "config.json"), "utf8");
      for (const line of guideConfig.split("\n").slice(5, -1)) expect(guide).toContain(line);
      expect(JSON.parse(guide)).toMatchObject({
        model: { default_model: primary },
        vault: { enabled: true },
      });
    });

    describeInFull("in every way", () => {
      test.each([
        ["is gone", "gone", { model: primary, status: 404 }, ""],
        [
          "does not answer in time",
          "late",
          { model: primary, delayMs: 600_000 },
          "models: { providers: { openrouter: { timeoutSeconds: 5 } } },",
        ],
      ])("where the primary model %s, the fallback answers", async (what, session, fault, impatience) => {
        const path = join(folder, "openclaw.json");
        const before = readFileSync(path, "utf8");
        writeFileSync(path, before.replace("  /* the end */", `  ${impatience}`));
        await openrouter.control.addFault(fault);
        try {
          const turn = await agent(session, "--local");
          const seen = await chats();
          tell(`the primary ${what}`, seen);
          expect(turn.code).toBe(0);
          expect(seen.at(-1)).toBe(`the key from Vault, ${fallback}, 200`);
          expect(seen[0]).toContain(`the key from Vault, ${primary}`);
        } finally {
          await openrouter.control.clearFaults();
          writeFileSync(path, before);
        }
      });

      test("a gateway starts, stays up, takes up a changed key, outlives a seal", async () => {
        const gateway = openclaw.gateway();
        await until(
          () => !gateway.isRunning() || gateway.said().includes("http server listening"),
          "the gateway",
          300,
        );
        expect(gateway.isRunning()).toBe(true);
        const reload = () => openclaw.run("secrets", "reload", "--timeout", "60000");
        expect((await agent("gateway-1")).code).toBe(0);
        tell("a running gateway", await chats());
        expect(new Set(await chats())).toEqual(new Set([`the key from Vault, ${primary}, 200`]));

        const next = newKey();
        await openrouter.control.putKey({ key: next, limit: 30, limitReset: "monthly" });
        await vault.storeKeyByHand(next);
        expect((await reload()).code).toBe(0);
        await openrouter.control.clearRequests();
        expect((await agent("gateway-2")).code).toBe(0);
        const label = `${next.slice(0, 12)}...${next.slice(-3)}`;
        tell("after a changed key and `secrets reload`", await chats());
        expect(new Set(await chats())).toEqual(new Set([`${label}, ${primary}, 200`]));

        host.docker("restart", "vault");
        const degraded = await reload();
        const checked = await host.run(["check", "--no-unseal", "--only", "openclaw.config"]);
        tell("sealed: `secrets reload`", [
          `rc ${degraded.code}`,
          degraded.stdout.trim(),
          degraded.stderr.trim().slice(-300),
        ]);
        tell(
          "sealed: the gateway's log",
          gateway
            .said()
            .split("\n")
            .filter((line) => /DEGRADED/.test(line))
            .slice(-2),
        );
        tell(
          "sealed: check",
          checked.stderr.split("\n").filter((line) => /sealed/i.test(line)),
        );
        expect(gateway.said()).toMatch(/SECRETS_\w*DEGRADED/);
        expect(checked.stderr).toMatch(/sealed/);
        expect(gateway.isRunning()).toBe(true);

        await host.mustRun(["vault", "unseal"]);
        expect((await reload()).code).toBe(0);
        tell(
          "unsealed: the gateway's log",
          gateway
            .said()
            .split("\n")
            .filter((line) => /RECOVERED/.test(line))
            .slice(-1),
        );
        await openrouter.control.clearRequests();
        expect((await agent("gateway-3")).code).toBe(0);
        expect(new Set(await chats())).toEqual(new Set([`${label}, ${primary}, 200`]));
        await openclaw.stop();
        await vault.storeKeyByHand(key);
      });

      test("a user that is not root runs it, where root owns Node and deploys", async () => {
        const user = accountOf("nobody");
        const place = mkdtempSync(join(tmpdir(), "openclaw-user-"));
        try {
          // What is kept between runs may lie where only root may look.
          chmodSync(place, 0o755);
          execFileSync("cp", ["-a", installed ?? "", join(place, "openclaw")]);
          const home = join(place, "home");
          mkdirSync(home);
          chownSync(home, user.uid, user.gid);
          const theirs = new OpenClaw(join(place, "openclaw"), home, trap, user);
          host.writeSettings("default", {
            openrouter: { baseUrl: openrouter.baseUrl },
            openclaw: { node: theirs.node, user: user.name, folder: join(home, ".openclaw") },
          });
          await host.mustRun(["up"]);
          await openrouter.control.clearRequests();
          expect((await theirs.run("config", "validate")).code).toBe(0);
          expect((await theirs.run("secrets", "audit", "--check", "--allow-exec")).code).toBe(0);
          const args = ["--model", `openrouter/${primary}`, "--prompt", "Reply OK", "--json"];
          const inferred = await theirs.run("infer", "model", "run", "--local", ...args);
          tell("as nobody, where root owns Node", await chats());
          expect(JSON.parse(inferred.stdout)).toMatchObject({ ok: true });
          expect(await chats()).toEqual([`the key from Vault, ${primary}, 200`]);
        } finally {
          host.writeSettings("default", settings());
          await host.mustRun(["up"]);
          rmSync(place, { recursive: true, force: true });
        }
      });
    });

    test("a second deploy changes nothing of it; destroy gives the user's files back, to the byte", async () => {
      expect((await host.mustRun(["up"])).stderr).toContain("nothing changed");
      await host.mustRun(["destroy", "--yes"]);
      expect(readFileSync(join(folder, "openclaw.json"), "utf8")).toBe(gatewayConfig);
      expect(readFileSync(join(folder, "config.json"), "utf8")).toBe(guideConfig);
      expect(statSync(join(folder, "config.json")).mode & 0o777).toBe(0o644);
    });
  },
);
