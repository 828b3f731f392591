import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { makeCertificate } from "../support/certificate";
import { DeployedHost, deployedKey } from "./support/deployed";
import { describeInFull } from "./support/full";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { OtherHosts } from "./support/other-hosts";
import { addMachine, ip } from "./support/other-machine";

/** The instance's CA certifies private addresses alone: everything else takes a certificate of one's own. */
describeInFull("a host that reaches Vault at a public address, by a name", () => {
  const host = new DeployedHost();
  const key = newKey();
  const namespace = `${process.env.TEST_NAMESPACE}-public`;
  const [here, there] = ["203.0.113.1", "203.0.113.2"];
  const name = "vault.example.com";
  const ofNamespace = `/etc/netns/${namespace}`;
  const others = new OtherHosts(host, namespace);
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore(key);
    mkdirSync(ofNamespace, { recursive: true });
    writeFileSync(`${ofNamespace}/hosts`, `127.0.0.1 localhost\n${here} ${name}\n`);
    addMachine(namespace, here, there);
  });
  afterAll(async () => {
    ip("netns", "delete", namespace);
    rmSync(ofNamespace, { recursive: true });
    await openrouter.close();
    host.remove();
  });

  function declare(names: string): void {
    const tls = makeCertificate(host.folder, "public", { names });
    host.writeSettings("default", {
      openrouter: { baseUrl: openrouter.baseUrl },
      vault: { listen: here, listenPublic: true, listenName: name, tls },
    });
  }
  const up = () => host.run(["up", "--json"], { OPENROUTER_API_KEY: deployedKey });

  test("a certificate that does not name it is refused, and nothing is changed", async () => {
    const before = host.docker("inspect", "-f", "{{.Id}}", "vault");
    declare("IP:127.0.0.1,DNS:localhost");
    expect(await up()).toMatchObject({ code: 1, stderr: expect.stringContaining(name) });
    expect(host.docker("inspect", "-f", "{{.Id}}", "vault")).toBe(before);
  });

  test("with one that does, up serves Vault there, and says what keeps others out", async () => {
    declare(`IP:127.0.0.1,DNS:localhost,DNS:${name}`);
    const { code, stderr } = await up();
    expect(stderr).toContain(`--ctorigdst ${here}`);
    expect(code).toBe(0);
    expect((await host.run(["drift"])).code).toBe(0);
  });

  test("a host joins by the name, and reads its key", async () => {
    const args = ["host", "invite", "web1", "--key-stdin", "--any-address"];
    const invitation = (await host.mustRun(args, {}, key)).stdout.trim();
    const { stdout } = await others.run("web1", ["host", "join", "--json"], invitation);
    expect(JSON.parse(stdout).joined).toBe(true);
    expect(await others.resolve("web1")).toEqual({ "openrouter/api_key": key });
  });
});
