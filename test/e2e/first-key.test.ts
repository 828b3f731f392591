import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { screenLines } from "./support/screen";
import { runOnTerminal } from "./support/terminal";

/** A beginner's first `up` with a key as OpenRouter makes it: without a limit. */
describe("a first up with a key of one's own", () => {
  const host = new TestHost();
  const home = host.home("default");
  const key = newKey();
  const typesKey = { to: /OpenRouter API key/, type: key };
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await localOpenRouter();
    await openrouter.control.putKey({ key, limit: null, limitReset: null });
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  test("Ctrl-C while it waits for a limit ends it, before anything is deployed", async () => {
    const { code } = await runOnTerminal(
      host,
      ["up", "-i", "default"],
      [typesKey, { to: /Press Enter when it is set/, type: "\u0003" }],
    );
    expect(code).toBe(130);
    expect(existsSync(home.shares)).toBe(false);
  });

  test("it says that the key has no limit, waits for one, and is not red; a warning that is meant is accepted", async () => {
    const { code, screen } = await runOnTerminal(
      host,
      ["up", "-i", "default"],
      [
        typesKey,
        {
          to: /Press Enter when it is set/,
          type: "",
          before: () => openrouter.control.putKey({ key, limit: 30, limitReset: "monthly" }),
        },
        { to: /openclaw\.user[\s\S]*If that is meant, type why/, type: "one person, one host" },
      ],
    );
    const lines = screenLines(screen);
    expect(lines.filter((line) => line.length > 80 && !line.includes(host.folder))).toEqual([]);
    expect(screen).toContain("limit 34.50 USD, reset monthly");
    expect(screen).toContain("The key has a limit of 30.00 USD");
    expect(screen).not.toContain(key);
    expect(screen).toContain("the check passed");
    expect(code).toBe(0);
    // What is left takes one command each.
    const left = lines.slice(lines.indexOf("Left to do:"));
    expect(left.join("\n")).not.toContain("openclaw.user");
    expect(left.join("\n")).toContain("vault.shares: Distribute them: openclaw-openrouter shares export");
    expect(JSON.parse(readFileSync(join(home.root, "openrouter.settings.json"), "utf8")).check).toEqual({
      accepted: [{ id: "openclaw.user", warning: "same-user", reason: "one person, one host" }],
    });
  });

  test("it is asked once: the next up offers nothing, the check passes it, status lists it", async () => {
    const { screen } = await runOnTerminal(host, ["up", "-i", "default"], []);
    expect(screen).not.toContain("If that is meant");
    const check = JSON.parse((await host.mustRun(["check", "--json"])).stdout);
    expect(check.results.find(({ id }: { id: string }) => id === "openclaw.user")).toMatchObject({
      status: "pass",
      accepted: [{ warning: "same-user", reason: "one person, one host" }],
    });
    expect((await host.mustRun(["status"])).stderr).toMatch(
      /^accepted +openclaw\.user same-user: one person, one host/m,
    );
    expect((await host.run(["drift"])).code).toBe(0);
  });

  test("a key without a limit is deployed all the same, red, with what is left to do", async () => {
    await openrouter.control.putKey({ key, limit: null, limitReset: null });
    const { code, stderr } = await host.run(["up"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Left to do:\n[\s\S]*budget\.limit: \S*openclaw-openrouter key\s+limit/);
  });
});
