import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describeUnless } from "../support/skip";
import { DeployedHost, deployedKey } from "./support/deployed";
import { isFull } from "./support/full";
import { gatewayImage, makeGatewayImage } from "./support/gateway-container";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { OtherHosts } from "./support/other-hosts";
import { ip } from "./support/other-machine";

const installed = process.env.TEST_OPENCLAW;
const missing = installed ? undefined : "the real OpenClaw is not installed";
const folder = "/home/node/.openclaw";
const address = "10.78.0.1";

/** A host whose gateway runs in a container has no Vault, and so no socket of it: the container reaches Vault as its host does. */
describeUnless(isFull ? missing : "only in npm run test:full")(
  "a joined host with its gateway in a container",
  () => {
    const host = new DeployedHost();
    const others = new OtherHosts(host);
    const key = newKey();
    let openrouter: LocalOpenRouter;
    jest.setTimeout(600_000);

    beforeAll(async () => {
      openrouter = await host.restore(key);
      ip("address", "add", `${address}/32`, "dev", "lo");
      host.writeSettings("default", {
        openrouter: { baseUrl: openrouter.baseUrl },
        vault: { listen: address },
      });
      await host.mustRun(["up"], { OPENROUTER_API_KEY: deployedKey });
      makeGatewayImage(host, installed ?? "");
    });
    afterAll(async () => {
      ip("address", "delete", `${address}/32`, "dev", "lo");
      await openrouter.close();
      host.remove();
    });

    /** The host has an engine of its own for the gateway: here it is the same one. */
    const run = (args: readonly string[], input = "") =>
      host.run(args, { ...others.environmentOf("web1"), DOCKER_HOST: host.engine }, input);
    const startGateway = (...more: string[]) => {
      const ours = join(others.homeOf("web1"), ".openclaw");
      mkdirSync(ours, { recursive: true, mode: 0o700 });
      const idle = ["node", "-e", "setInterval(() => {}, 1000)"];
      const options = ["-d", "--name", "gateway", "--user", "0:0", "-v", `${ours}:${folder}`, ...more];
      host.docker("run", ...options, gatewayImage, ...idle);
    };

    test("joins with files as the container has them", async () => {
      startGateway();
      const args = ["host", "invite", "web1", "--key-stdin", "--any-address"];
      const invitation = (await host.mustRun(args, {}, key)).stdout.trim();
      const { code, stdout, stderr } = await run(["host", "join", "--json"], invitation);
      expect(stderr).toContain("OpenClaw's gateway runs in the container gateway, as uid 0.");
      const { check } = JSON.parse(stdout);
      const config = check.results.find(({ id }: { id: string }) => id === "openclaw.config");
      expect([config.status, config.summary]).toEqual(["pass", expect.any(String)]);
      expect(code).toBe(0);
    });

    test("the container's own Node runs the resolver, which gives its key", () => {
      const request = '{"protocolVersion":1,"provider":"x","ids":["openrouter/api_key"]}';
      const environment = [
        `VAULT_ADDR=https://${address}:8200`,
        `VAULT_CACERT=${folder}/openclaw-openrouter/vault-ca.pem`,
        "OPENROUTER_SECRET=secret/openrouter/web1",
      ].flatMap((each) => ["-e", each]);
      const resolver = `${folder}/openclaw-openrouter/resolver.cjs`;
      const answer = host.docker(
        "exec",
        ...environment,
        "gateway",
        "sh",
        "-c",
        `echo '${request}' | ${resolver}`,
      );
      expect(JSON.parse(answer).values).toEqual({ "openrouter/api_key": key });
    });

    test("drift watches the container, and names the command that this host has", async () => {
      expect((await run(["drift"])).code).toBe(0);
      host.docker("rm", "-f", "gateway");
      startGateway("--user", "1000:1000");
      const { code, stdout } = await run(["drift", "--json"]);
      expect(code).toBe(2);
      const found = JSON.parse(stdout).findings.find(({ id }: { id: string }) =>
        id.startsWith("openclaw.container"),
      );
      expect(JSON.stringify(found.fix)).toContain("openclaw-openrouter host join");
    });
  },
);
