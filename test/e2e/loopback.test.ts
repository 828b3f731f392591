import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { get } from "node:https";
import { instanceTlsPaths } from "../../lib/model/vault/vault-tls";
import { describeInFull } from "./support/full";
import { TestHost } from "./support/host";

/** An engine before 28 takes what a neighbour sends to a port of the loopback, unless a rule drops it. */
describeInFull("vault.closeLoopback", () => {
  const host = new TestHost();
  afterAll(() => host.remove());

  const rules = () =>
    execFileSync("iptables", ["-t", "raw", "-S", "PREROUTING"], {
      encoding: "utf8",
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    });
  const ours = () =>
    rules()
      .split("\n")
      .filter((line) => line.includes("openclaw-openrouter sandbox"));

  test("up warns of the engine without it, and changes nothing of the host", async () => {
    const { stderr } = await host.mustRun(["up"]);
    expect(stderr).toContain("is older than 28");
    expect(ours()).toEqual([]);
  });

  test("the command that the warning names ends it", async () => {
    const { stderr } = await host.mustRun(["up"]);
    const words = (/sudo (iptables .*DROP)/.exec(stderr.replace(/\s+/g, " "))?.[1] ?? "").split(" ");
    const env = { PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
    execFileSync(words[0]!, words.slice(1), { env });
    expect((await host.mustRun(["up"])).stderr).not.toContain("is older than 28");
    expect(ours()).toEqual([]);
    execFileSync("iptables", ["-t", "raw", "-F", "PREROUTING"], { env });
  });

  test("with it the rule is there, once, and the warning is gone", async () => {
    host.writeSettings("sandbox", { vault: { closeLoopback: true, ui: false } });
    for (let run = 0; run < 2; run++) {
      const { stderr } = await host.mustRun(["up"]);
      expect(stderr).not.toContain("is older than 28");
      expect(ours()).toEqual([expect.stringMatching(/-d 127\.0\.0\.0\/8 ! -i lo .*-j DROP/)]);
    }
  });

  /** Node's `fetch` takes no CA of one's own. */
  function uiStatus(): Promise<number | undefined> {
    const ca = readFileSync(instanceTlsPaths(host.home("sandbox").tls).ca);
    return new Promise((resolve, reject) => {
      get("https://127.0.0.1:18200/ui/", { ca }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on("error", reject);
    });
  }

  test("the web interface is off where the settings say so", async () => {
    expect(await uiStatus()).toBe(404);
    host.writeSettings("sandbox", { vault: { closeLoopback: true } });
    await host.mustRun(["up"]);
    expect(await uiStatus()).toBe(200);
  });

  test("a reboot loses it, which is drift, and the next command puts it back", async () => {
    const found = async () => JSON.parse((await host.run(["drift", "--json"])).stdout).findings;
    expect(await found()).toEqual([]);
    execFileSync("/bin/sh", ["-c", "PATH=$PATH:/usr/sbin:/sbin iptables -t raw -F PREROUTING"]);
    expect(await found()).toMatchObject([{ id: "loopback.open", fix: { by: "command" } }]);
    await host.mustRun(["vault", "unseal"]);
    expect(ours()).toHaveLength(1);
  });

  test("destroy takes it away", async () => {
    await host.mustRun(["destroy", "--yes"]);
    expect(ours()).toEqual([]);
  });
});
