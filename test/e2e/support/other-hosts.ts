import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Credential, readCredential } from "../../../lib/store/credentials";
import { ifRefused, type VaultClient } from "../../../lib/vault/client";
import { anything } from "../../../lib/vault/schemas";
import { program, type RunOutcome, type TestHost } from "./host";
import { pathWithout } from "./path-without";

/** Other OpenClaw hosts: each has a user's home of its own, and neither an engine nor Terraform. */
export class OtherHosts {
  private path: string | undefined;

  /** @param namespace the network namespace that they are in, with its own /etc/netns. @default that of this host */
  constructor(
    private readonly host: TestHost,
    private readonly namespace?: string,
  ) {}

  homeOf(name: string): string {
    return join(this.host.folder, "others", name);
  }

  /** The instance directory there. */
  rootOf(name: string): string {
    return join(this.homeOf(name), ".openclaw-openrouter/default");
  }

  credentialOf(name: string): Credential | undefined {
    const credentials = (id: string) => join(this.rootOf(name), "credentials", id);
    return readCredential({ credentials } as never, "reader");
  }

  environmentOf(name: string): NodeJS.ProcessEnv {
    this.path ??= `${join(this.host.folder, "bin")}:${pathWithout(this.host, "docker", "terraform", "tofu", "go")}`;
    const home = this.homeOf(name);
    mkdirSync(home, { recursive: true });
    return {
      ...{ HOME: home, PATH: this.path, DOCKER_HOST: undefined },
      OPENCLAW_OPENROUTER_PUBLIC: join(home, "public"),
      OPENCLAW_OPENROUTER_INSTALL: join(home, "installed"),
    };
  }

  /** Runs the program as on another host. */
  run(name: string, args: readonly string[], input = ""): Promise<RunOutcome> {
    const environment = this.environmentOf(name);
    if (this.namespace === undefined) return this.host.run(args, environment, input);
    const line = ["netns", "exec", this.namespace, process.execPath, program, ...args];
    return this.host.startCommand("ip", line, environment, input).outcome;
  }

  async mustRun(name: string, args: readonly string[], input = ""): Promise<RunOutcome> {
    const outcome = await this.run(name, args, input);
    if (outcome.code !== 0) throw new Error(`ended with ${outcome.code}:\n${outcome.stderr}`);
    return outcome;
  }

  private settingsOf(name: string) {
    return JSON.parse(readFileSync(join(this.rootOf(name), "openrouter.settings.json"), "utf8"));
  }

  /** What its gateway gets from the resolver: the values by id. */
  async resolve(name: string): Promise<Record<string, string>> {
    const request = { protocolVersion: 1, provider: "openclaw-openrouter", ids: ["openrouter/api_key"] };
    const { vault, openrouter } = this.settingsOf(name);
    const folder = join(this.homeOf(name), ".openclaw/openclaw-openrouter");
    const environment = {
      VAULT_ADDR: [vault.address].flat().join(" "),
      VAULT_CACERT: join(folder, "vault-ca.pem"),
      OPENROUTER_SECRET: openrouter.path,
    };
    const file = join(folder, "resolver.cjs");
    const text = JSON.stringify(request);
    const running =
      this.namespace === undefined
        ? this.host.startCommand(file, [], environment, text)
        : this.host.startCommand("ip", ["netns", "exec", this.namespace, file], environment, text);
    return JSON.parse((await running.outcome).stdout).values;
  }
}

/** Whether a client may read a path. */
export function reads(client: VaultClient, path: string): Promise<boolean> {
  return client.call({ path }, anything).then(
    () => true,
    ifRefused(403, () => false),
  );
}
