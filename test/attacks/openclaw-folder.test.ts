import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openclawConfig } from "../../lib/check/checks/openclaw-config";
import type { CheckContext } from "../../lib/check/context";
import { settingsSchema } from "../../lib/config/settings";
import { UserError } from "../../lib/core/errors";
import { writePrivateFile } from "../../lib/core/files/files";
import { silent } from "../../lib/core/progress";
import { accountOf } from "../../lib/core/system/os-user";
import type { DriftContext } from "../../lib/drift/context";
import { type Finding, ProbeSkipped } from "../../lib/drift/finding";
import type { Probe } from "../../lib/drift/probe";
import { openclawArtifacts } from "../../lib/drift/probes/openclaw-artifacts";
import { openclawFolder } from "../../lib/drift/probes/openclaw-folder";
import { openclawInclude } from "../../lib/drift/probes/openclaw-include";
import { openclawResolver } from "../../lib/drift/probes/openclaw-resolver";
import { type Deployment, deployment } from "../../lib/model/deployment";
import { renderArtifacts } from "../../lib/model/openclaw/openclaw";
import { openclawPaths } from "../../lib/model/openclaw/openclaw-paths";
import { checkParametersOf, installParametersOf } from "../../lib/model/run-parameters";
import { instanceTlsPaths } from "../../lib/model/vault/vault-tls";
import { install } from "../../lib/openclaw/install";
import { placeCredential } from "../../lib/openclaw/own-files";
import { uninstall } from "../../lib/openclaw/uninstall";
import { installFiles, permit } from "../../lib/operations/drift-fix/openclaw-files";
import type { ReportedFinding } from "../../lib/report/drift-report";
import type { DeployContext } from "../../lib/session/context";
import { writeCredential } from "../../lib/store/credentials";
import { isFull } from "../e2e/support/full";
import { scratchFolder } from "../support/folder";
import { attacker, Dice, holdsSecret, mutate, OddFiles, Outside, secretText } from "./support/hostile-folder";
import { startSwapping } from "./support/swapping";

// Only a hang takes as long.
jest.setTimeout(3_600_000);

const longest = 60_000;
const probes: readonly Probe[] = [openclawFolder, openclawArtifacts, openclawInclude, openclawResolver];

// In memory, since each round writes and syncs dozens of files.
const place = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "openclaw-test-"));
const outside = new Outside(place);
const odd = new OddFiles(join(place, "odd"));
const home = join(place, "home");
const folder = join(home, ".openclaw");
const node = join(scratchFolder(), "node");
let described: Deployment;

beforeAll(() => {
  for (const path of [place, dirname(node)]) chmodSync(path, 0o755);
  // Instead of Node, since it is asked for its version each time.
  writeFileSync(node, "#!/bin/sh\necho v20.0.0\n", { mode: 0o755 });
  const settings = settingsSchema.parse({ openclaw: { user: "nobody", folder, node } });
  described = deployment("default", settings, join(place, "instances/default"), "/nonexistent");
  for (const [name, text] of Object.entries(renderArtifacts(described)))
    writePrivateFile(join(described.home.rendered, name), text);
  for (const name of ["reader", "auditor"] as const)
    writeCredential(described.home, name, { roleId: "role", secretId: "secret" });
  writePrivateFile(instanceTlsPaths(described.home.tls).ca, "a CA certificate\n");
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

/** The folder as a deploy leaves it. */
function deployAgain(): void {
  for (const path of [home, described.home.installed, described.home.firstFound])
    rmSync(path, { recursive: true, force: true });
  mkdirSync(home);
  chownSync(home, attacker, attacker);
  install(installParametersOf(described));
}

/** What may be thrown is a refusal that says how to fix it; all that a person would see is returned. */
async function attempt(work: () => unknown): Promise<string> {
  const started = Date.now();
  let said: string;
  try {
    said = JSON.stringify(await work()) ?? "";
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ProbeSkipped)) throw error;
    said = error.message;
  }
  expect(Date.now() - started).toBeLessThan(longest);
  return said;
}

async function everything(): Promise<string> {
  const said: string[] = [];
  const parameters = installParametersOf(described);
  const drift = { deployed: described, home: described.home } as DriftContext;
  const check = {
    parameters: checkParametersOf(described),
    home: described.home,
    secret: async () => undefined,
  };
  const findings: Finding[] = [];
  said.push(await attempt(() => openclawConfig.run(check as unknown as CheckContext)));
  for (const probe of probes) {
    said.push(
      await attempt(async () => {
        const found = await probe.inspect(drift);
        findings.push(...found);
        return found;
      }),
    );
  }
  // All of them, also those that are left to a person: a repair must not rely on what was found before it.
  for (const repair of [permit, installFiles])
    said.push(
      await attempt(() =>
        repair.run(findings as ReportedFinding[], { deployment: described } as DeployContext, silent),
      ),
    );
  said.push(await attempt(() => install(parameters)));
  said.push(await attempt(() => placeCredential(parameters.home, folder, accountOf("nobody"))));
  said.push(await attempt(() => uninstall(described.home.root)));
  return said.join("\n");
}

describe("a hostile user's folder", () => {
  const count = isFull ? 2000 : 150;

  test(`${count} of them: nothing outside is read, written or given away, and nothing crashes or hangs`, async () => {
    const seed = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000);
    for (let round = 0; round < count; round++) {
      const dice = new Dice(seed * 10_000 + round);
      deployAgain();
      mutate(folder, dice, outside, odd);
      const before = outside.snapshot();
      const label = `TEST_SEED=${seed}, round ${round}`;
      try {
        const said = await everything();
        expect(said).not.toContain(secretText);
      } catch (error) {
        throw new Error(`${label}: ${(error as Error).stack}`);
      }
      expect(`${label}\n${outside.snapshot()}`).toBe(`${label}\n${before}`);
      expect([label, holdsSecret(home)]).toEqual([label, false]);
    }
  });

  test("that a second process changes all the while", async () => {
    deployAgain();
    const before = outside.snapshot();
    const swapping = await startSwapping({ folder, outside: outside.folder, odd });
    try {
      const end = Date.now() + (isFull ? 60_000 : 3000);
      while (Date.now() < end) {
        const said = await everything();
        expect(said).not.toContain(secretText);
      }
    } finally {
      await swapping.end();
    }
    expect(swapping.rounds()).toBeGreaterThan(100);
    expect(outside.snapshot()).toBe(before);
    expect(holdsSecret(home)).toBe(false);
  });

  test("with a pipe instead of a draft, of which the name was known before", async () => {
    deployAgain();
    const { guide } = openclawPaths(folder);
    odd.put("pipe", `${guide}.${process.pid}.draft`);
    writeFileSync(join(described.home.rendered, "config.json"), '{ "environment": "other" }\n');
    expect(install(installParametersOf(described))["config.json"]).toBe("changed");
  });
});
