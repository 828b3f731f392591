import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DriftReport } from "../../../lib/report/drift-report";
import { deployedRecord } from "../../../lib/store/records/deployed-record";
import { generateRoot } from "../../../lib/vault/identities/root";
import { anything } from "../../../lib/vault/schemas";
import { readShares } from "../../../lib/vault/shares/shares-file";
import { DeployedHost, deployedKey } from "./deployed";
import { prelude } from "./drifts/prelude";
import { program, type RunOutcome } from "./host";
import { type LocalOpenRouter, newKey } from "./openrouter";
import { TestVault } from "./vault";

/** A deployed instance `default` whose host drifts by lines of shell, and what tells it. */
export class DriftBed {
  readonly host = new DeployedHost();
  readonly vault = new TestVault(this.host);
  readonly home = this.host.home("default");
  readonly key = deployedKey;
  /** Works at OpenRouter as well. */
  readonly otherKey = newKey();
  openrouter!: LocalOpenRouter;
  private container: Record<string, string> = {};

  /** From nothing, whatever went before. */
  async deploy(): Promise<void> {
    await this.openrouter?.close();
    this.openrouter = await this.host.restore(this.otherKey);
    const inspect = (format: string) => this.host.docker("inspect", "-f", format, "vault");
    const environment = JSON.parse(inspect("{{json .Config.Env}}")) as string[];
    this.container = {
      IMAGE: inspect("{{.Config.Image}}"),
      IMAGE_NAME: this.host.docker("image", "inspect", "-f", "{{index .RepoTags 0}}", inspect("{{.Image}}")),
      ID: inspect('{{index .Config.Labels "openclaw-openrouter.instance"}}'),
      CONFIG: environment.find((entry) => entry.startsWith("VAULT_LOCAL_CONFIG=")) ?? "",
    };
  }

  up(...args: string[]): Promise<RunOutcome> {
    return this.host.mustRun(["up", ...args], { OPENROUTER_API_KEY: this.key });
  }

  async remove(): Promise<void> {
    await this.openrouter.close();
    this.host.remove();
  }

  /** Runs a line as a person does who has a root token, where it asks for one. The token is revoked afterwards. */
  async run(line: string): Promise<void> {
    const root = line.includes("as_root") ? await this.rootToken() : undefined;
    try {
      await this.shell(line, root);
    } finally {
      // A sealed Vault takes no revocation.
      if (root) {
        await this.vault.client
          .withToken(root)
          .call({ method: "POST", path: "auth/token/revoke-self" }, anything)
          .catch(() => {});
      }
    }
  }

  private async rootToken(): Promise<string> {
    const shares = readShares(this.home.shares);
    if (!shares) throw new Error("there are no shares");
    return generateRoot(this.vault.client, shares);
  }

  private shell(line: string, root: string | undefined): Promise<void> {
    const env = this.host.environment({
      ...this.container,
      ...(root ? { ROOT: root } : {}),
      C: "vault",
      NODE: process.execPath,
      PROGRAM: program,
      KEY: this.key,
      OTHER_KEY: this.otherKey,
      VERSION: String(deployedRecord.read(this.home)?.secret?.version),
      OPENROUTER_PORT: String(this.openrouter.port),
      HOME_OF_INSTANCE: this.home.root,
      OPENCLAW: join(this.host.userHome, ".openclaw"),
    });
    return new Promise((resolve, reject) => {
      execFile("/bin/sh", ["-c", `${prelude}\n${line}`], { env }, (error, stdout, stderr) => {
        if (error) reject(new Error(`${line}\nended with ${error.code}:\n${stdout}${stderr}`));
        else resolve();
      });
    });
  }

  /** What `terraform plan -detailed-exitcode` says of both stacks: 0, 2 where it finds something, 1 where it fails. */
  async plainPlan(): Promise<number> {
    const codes = await Promise.all(
      (["vault", "openrouter"] as const).map(
        (stack) =>
          new Promise<number>((resolve) => {
            const env = this.host.environment({
              TF_DATA_DIR: join(this.home.terraform, "terraform", stack),
              // A paused Vault never answers.
              VAULT_CLIENT_TIMEOUT: "3",
              VAULT_MAX_RETRIES: "0",
            });
            const options = { cwd: join(this.home.cdktfOut, "stacks", stack), env, timeout: 20_000 };
            const args = ["plan", "-input=false", "-detailed-exitcode", "-lock=false", "-no-color"];
            execFile("terraform", args, options, (error) => {
              resolve(error ? (typeof error.code === "number" ? error.code : 1) : 0);
            });
          }),
      ),
    );
    return codes.includes(2) ? 2 : Math.max(...codes);
  }

  /** Looks for drift in every form of its report. */
  async drift(...args: string[]): Promise<RunOutcome & { report: DriftReport; texts: string }> {
    const [markdown, junit] = ["drift.md", "drift.xml"].map((name) => join(this.host.folder, name)) as [
      string,
      string,
    ];
    const outcome = await this.host.run([
      "drift",
      "--json",
      "--markdown",
      markdown,
      "--junit",
      junit,
      ...args,
    ]);
    if (outcome.stdout === "") throw new Error(`drift ended with ${outcome.code}:\n${outcome.stderr}`);
    const texts = [
      outcome.stdout,
      outcome.stderr,
      ...[markdown, junit].map((path) => readFileSync(path, "utf8")),
    ];
    return { ...outcome, report: JSON.parse(outcome.stdout), texts: texts.join("\n") };
  }
}
