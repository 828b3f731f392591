import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../lib/core/system/find-program";
import { stackNames } from "../../lib/model/home-paths";
import { describeInFull } from "./support/full";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const plain = { OPENCLAW_OPENROUTER_PLAIN: "1" };

/** What differs between two deploys of the same: ids, times, digests, addresses. */
const passing: readonly [RegExp, string][] = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uuid>"],
  [/\b(sha256:)?[0-9a-f]{64}\b/g, "<digest>"],
  [/\b[0-9a-f]{12}\b/g, "<short id>"],
  [/\b[0-9a-f]{1,8}…/g, "<shortened id>"],
  [/\bkv_[0-9a-f]{8}\b/g, "<accessor>"],
  [/\b172(\.\d{1,3}){3}\b/g, "<address>"],
  [/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, "<mac>"],
  [/\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g, "<time>"],
  [/"durationMs":\d+/g, '"durationMs":0'],
];

/** Without what differs between two deploys of the same. Terraform writes the sensitive attributes in any order. */
function lasting(value: unknown): unknown {
  const text = passing.reduce((text, [form, name]) => text.replace(form, name), JSON.stringify(value));
  return JSON.parse(text, (name, inner) =>
    name === "sensitive_attributes" ? inner.map((each: unknown) => JSON.stringify(each)).sort() : inner,
  );
}

/** The shortcuts depend on how Terraform works inside. With and without them everything must come out the same. */
describeInFull("with shortcuts and without", () => {
  const host = new TestHost();
  const home = host.home("default");
  const key = newKey();
  const notes = join(host.folder, "notes");
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  /** Puts a `terraform` first that notes how it is run and what it shows, and has the real one do it. */
  function watchTerraform(also = ""): void {
    const script = `#!/bin/sh
${also}
echo "$1 \${TF_REATTACH_PROVIDERS:+shared }\${TF_DISABLE_PLUGIN_TLS:+without-tls }\${GOGC:+go}" >>'${notes}'
[ "$1" = show ] || exec '${findProgram("terraform")}' "$@"
'${findProgram("terraform")}' "$@" | tee "${notes}.show.$$"
`;
    writeFileSync(join(host.folder, "bin", "terraform"), script, { mode: 0o755 });
    writeFileSync(notes, "");
  }

  /** The runs of a command since this was asked last, each with its shortcuts. */
  function runsOf(command: string): string[] {
    const lines = readFileSync(notes, "utf8").split("\n");
    writeFileSync(notes, "");
    return lines
      .filter((line) => line.startsWith(`${command} `))
      .map((line) => line.slice(command.length + 1));
  }

  /** What the plans would change that were shown since this was asked last. */
  function shownChanges(): unknown {
    const files = readdirSync(host.folder).filter((name) => name.startsWith("notes.show."));
    const plans = files.map((name) => json(join(host.folder, name)));
    for (const name of files) writeFileSync(join(host.folder, name), '{"resource_changes": []}');
    const changes = plans.flatMap(({ resource_changes = [], resource_drift = [] }) => [
      ...resource_changes.filter(({ change }: { change: { actions: string[] } }) =>
        change.actions.every((action) => !["no-op", "read"].includes(action)),
      ),
      ...resource_drift,
    ]);
    return lasting(changes.sort((a, b) => a.address.localeCompare(b.address)));
  }

  const states = () => lasting(stackNames.map((stack) => json(home.state(stack)).resources));

  async function drift(environment: NodeJS.ProcessEnv): Promise<unknown> {
    const { code, stdout } = await host.run(["drift", "--json"], environment);
    return lasting({ code, report: JSON.parse(stdout) });
  }

  /** Deploys to an empty host, drifts and inspects. @returns all that came of it */
  async function deployAndDrift(environment: NodeJS.ProcessEnv) {
    host.clear();
    runsOf("plan");
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
    const deploy = () => host.mustRun(["up", "--json"], { OPENROUTER_API_KEY: key, ...environment });
    await deploy();
    const deployed = states();
    const clean = await drift(environment);
    shownChanges();
    host.docker("update", "--memory", "300m", "--memory-swap", "300m", "vault");
    writeFileSync(
      join(home.root, "openrouter.settings.json"),
      `{"openrouter":{"baseUrl":"${openrouter.baseUrl}"},"vault":{"ui":false}}`,
    );
    const drifted = await drift(environment);
    const changes = shownChanges();
    const runs = runsOf("plan");
    await deploy();
    const { report: again } = (await drift(environment)) as { report: { outcome: string } };
    return { runs, outcome: { deployed, clean, drifted, changes, redeployed: states(), again } };
  }

  test("plans, states and reports are equal", async () => {
    watchTerraform();
    const fast = await deployAndDrift({});
    const slow = await deployAndDrift(plain);
    expect(slow.outcome).toEqual(fast.outcome);

    // They do compare something: a container that drifted, and one that the settings would replace.
    expect(fast.outcome.clean).toMatchObject({ code: 0, report: { outcome: "clean", skipped: [] } });
    expect(fast.outcome.drifted).toMatchObject({ code: 2, report: { outcome: "drift" } });
    expect(fast.outcome.changes).toContainEqual(
      expect.objectContaining({ address: expect.stringMatching(/^docker_container\./) }),
    );
    expect(fast.outcome.again.outcome).toBe("clean");
    // And one way was the short one, the other was not.
    expect(new Set(fast.runs)).toEqual(new Set(["shared without-tls go"]));
    expect(new Set(slow.runs)).toEqual(new Set([""]));
    expect(slow.runs.length).toBeGreaterThan(fast.runs.length);
    // It deploys four times.
  }, 600_000);

  test("another version than the tried one gets none, without being told to", async () => {
    watchTerraform('[ "$1" != version ] || { echo "Terraform v1.99.0"; exit; }');
    const clean = await drift({});
    expect(clean).toMatchObject({ code: 0, report: { outcome: "clean", skipped: [] } });
    expect(runsOf("plan")).toEqual(["", ""]);
  });

  test("one that fails is not used again: the plain way gives the same", async () => {
    const refuse = `case "$TF_REATTACH_PROVIDERS" in
  *Addr*) echo "refused" >>'${notes}'; echo "Error: Failed to instantiate provider: Reattachment process not found" >&2; exit 1 ;;
esac`;
    watchTerraform(refuse);
    expect(await drift({})).toMatchObject({ code: 0, report: { outcome: "clean", skipped: [] } });
    expect(readFileSync(notes, "utf8")).toContain("refused");
    runsOf("plan");
    const { stderr } = await host.mustRun(["up"]);
    expect(stderr).toContain("nothing changed; the check passed.");
    // Only its first run fails, so one stack or both are planned the plain way.
    expect(runsOf("plan")).toEqual([
      expect.not.stringContaining("shared"),
      expect.not.stringContaining("shared"),
    ]);
  });
});
