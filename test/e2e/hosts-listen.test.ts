import { execFileSync } from "node:child_process";
import { DeployedHost, deployedKey } from "./support/deployed";
import { describeInFull } from "./support/full";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { OtherHosts } from "./support/other-hosts";
import { addMachine, ip } from "./support/other-machine";

describeInFull("a host on another machine, by vault.listen", () => {
  const host = new DeployedHost();
  const keys = [newKey(), newKey()] as const;
  const namespace = `${process.env.TEST_NAMESPACE}-hosts`;
  const [here, there] = ["10.77.0.1", "10.77.0.2"];
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore(...keys);
    addMachine(namespace, here, there);
  });
  afterAll(async () => {
    ip("netns", "delete", namespace);
    await openrouter.close();
    host.remove();
  });

  const invite = async (name: string, key: string, ...more: string[]) =>
    (await host.mustRun(["host", "invite", name, "--key-stdin", ...more], {}, key)).stdout.trim();

  const join = (name: string, invitation: string) =>
    new OtherHosts(host, namespace).run(name, ["host", "join", "--json"], invitation);
  const statusOf = (stdout: string, id: string) =>
    (JSON.parse(stdout).check.results as { id: string; status: string }[]).find((each) => each.id === id)
      ?.status;

  test("binding to an address is refused while Vault is on the loopback alone", async () => {
    const args = ["host", "invite", "web1", "--key-stdin", "--address", `${there}/32`];
    const outcome = await host.run(args, {}, keys[0]);
    expect(outcome).toMatchObject({ code: 64, stderr: expect.stringContaining("vault.listen") });
  });

  test("up serves Vault there too, and the loopback as before", async () => {
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl }, vault: { listen: here } });
    const { stderr } = await host.mustRun(["up"], { OPENROUTER_API_KEY: deployedKey });
    expect(stderr).toMatch(/container is made again, and the shares on this host unseal it[\s\S]*Terraform/);
    expect(stderr).toContain(`iptables -I DOCKER-USER -p tcp -m conntrack --ctorigdst ${here}`);
    expect([8200, 8202].map((port) => host.docker("port", "vault", String(port)))).toEqual([
      "127.0.0.1:8200",
      `${here}:8200`,
    ]);
    const again = await host.mustRun(["up", "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject({ changed: false });
    expect((await host.run(["drift"])).code).toBe(0);
  });

  test("a host there joins, bound to its address, and reads its key", async () => {
    const invitation = await invite("web1", keys[0], "--address", `${there}/32`);
    const { stdout } = await join("web1", invitation);
    // OpenRouter answers on the loopback of this host only: the chats fail there.
    expect(JSON.parse(stdout).joined).toBe(true);
    expect(
      ["vault.reachable", "vault.identities", "secret.present"].map((id) => statusOf(stdout, id)),
    ).toEqual(["pass", "pass", "pass"]);
  });

  test("binding is refused by name where the engine's proxy hides the callers' addresses", async () => {
    const past = ["OUTPUT", "-d", here, "-p", "tcp", "-j", "ACCEPT"];
    execFileSync("iptables", ["-t", "nat", "-I", ...past]);
    try {
      const args = ["host", "invite", "web3", "--key-stdin", "--address", `${there}/32`];
      const outcome = await host.run(args, {}, keys[1]);
      expect(outcome).toMatchObject({
        code: 64,
        stderr: expect.stringContaining("Vault does not see the addresses"),
      });
    } finally {
      execFileSync("iptables", ["-t", "nat", "-D", ...past]);
    }
    const { hosts } = JSON.parse((await host.mustRun(["host", "list", "--json"])).stdout);
    expect(hosts.map(({ name }: { name: string }) => name)).toEqual(["web1"]);
    expect((await host.run(["drift"])).code).toBe(0);
  });

  test("one that is bound to another address does not get in", async () => {
    const invitation = await invite("web2", keys[1], "--address", "10.77.0.9/32");
    expect(await join("web2", invitation)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("does not take the credential that this host got"),
    });
  });
});
