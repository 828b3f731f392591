import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { settingsSchema } from "../../lib/config/settings";
import { readJsonIfThere, writeJson, writePrivateFile } from "../../lib/core/files/files";
import { DriftContext } from "../../lib/drift/context";
import { findRootCauses, matches } from "../../lib/drift/root-cause";
import { runProbes } from "../../lib/drift/run-probes";
import { deployment } from "../../lib/model/deployment";
import { renderArtifacts } from "../../lib/model/openclaw/openclaw";
import { installParametersOf } from "../../lib/model/run-parameters";
import { install } from "../../lib/openclaw/install";
import { writeCredential } from "../../lib/store/credentials";
import { deployedRecord } from "../../lib/store/records/deployed-record";
import { writeKeyRecord } from "../../lib/store/records/key-record";
import { rememberShares } from "../../lib/store/records/shares-fingerprints";
import { ensureInstanceTls } from "../../lib/vault/tls/instance-tls";
import { type ScriptedDrift, scriptedDrifts } from "../e2e/support/drifts";
import { prelude } from "../e2e/support/drifts/prelude";
import { scratchFolder } from "../support/folder";
import { playedKeys } from "../support/recorded/normalise";
import { isPlayed } from "../support/recorded/rows";
import { testAsRoot } from "../support/skip";

// The probes that ask nobody: all others compare answers, which `recorded-drifts` plays.
jest.mock("../../lib/drift/probes", () => {
  const { probes } = jest.requireActual("../../lib/drift/probes");
  const ofFiles = /^(settings|shares|certificate|home|home\.records|openclaw\.(?!container).*)$/;
  return { probes: probes.filter(({ id }: { id: string }) => ofFiles.test(id)) };
});

const isOfFiles = ({ cause }: ScriptedDrift) => /^(openclaw|home|settings|shares|certificate)\./.test(cause);
/** It deploys before something goes. */
const deploys = ({ line }: ScriptedDrift) => line.includes("oo up");

/** The certificates, which take the longest to make. */
let tls: string;
beforeAll(async () => {
  tls = join(scratchFolder(), "tls");
  await ensureInstanceTls({
    folder: tls,
    instanceId: "2f1c1a52-53a4-4c35-8dd4-f6a4f1a1f6ab",
    container: "vault",
  });
});

/** An instance as a deploy leaves its files, without a Vault and without an engine. */
function deployedFiles() {
  const folder = scratchFolder();
  const root = join(folder, "default");
  mkdirSync(root, { mode: 0o700 });
  const given = { openclaw: { folder: join(folder, "openclaw") } };
  const described = deployment("default", settingsSchema.parse(given), root, folder);
  const { home, openclawFolder } = described;
  cpSync(tls, home.tls, { recursive: true });
  writeJson(home.instance, {
    format: 2,
    id: "2f1c1a52-53a4-4c35-8dd4-f6a4f1a1f6ab",
    created: "2026-11-23T12:00:00.000Z",
  });
  writeJson(join(root, "openrouter.settings.json"), given);
  deployedRecord.write(home, {
    at: "2026-11-23T12:00:00.000Z",
    settings: described.settings,
    sharesHere: true,
  });
  mkdirSync(home.terraform);
  writeJson(home.deployedState("vault"), {});
  writeKeyRecord(home, { generation: 0, version: 1, retired: [] });
  const shares = {
    shares: Array.from({ length: 5 }, () => randomBytes(33).toString("base64")),
    threshold: 3,
    generation: 1,
    created: "2026-11-23T12:00:00.000Z",
  };
  writeJson(home.shares, shares);
  rememberShares(home, shares);
  writeCredential(home, "reader", { roleId: "role-reader", secretId: "secret" });
  for (const [name, text] of Object.entries(renderArtifacts(described)))
    writePrivateFile(join(home.rendered, name), text);
  install(installParametersOf(described));

  return {
    run(line: string): void {
      execFileSync("/bin/sh", ["-c", `${prelude}\n${line}`], {
        stdio: "pipe",
        env: {
          PATH: process.env.PATH,
          NODE: process.execPath,
          HOME_OF_INSTANCE: root,
          OPENCLAW: openclawFolder,
          OTHER_KEY: playedKeys.other,
        },
      });
    },
    async causes(): Promise<string[]> {
      const settings = readJsonIfThere(join(root, "openrouter.settings.json"), settingsSchema);
      const context = new DriftContext({
        deployment: deployment("default", settings ?? described.settings, root, folder),
        host: { engine: undefined, program: undefined, providers: undefined },
        network: false,
        gateway: "no",
        allOfVault: false,
        progress: () => {},
        pullState: async () => undefined,
      });
      const unplanned = { vault: Promise.resolve([]), openrouter: Promise.resolve([]) };
      const { findings } = await runProbes(context, unplanned);
      return findRootCauses(findings).map(({ id }) => id);
    },
  };
}

test("files as they were deployed have no drift", async () => {
  expect(await deployedFiles().causes()).toEqual([]);
});

describe("a scripted drift of files", () => {
  const rows = scriptedDrifts.filter((drift) => isOfFiles(drift) && !deploys(drift));
  for (const drift of rows) {
    const define = /\bchown\b/.test(drift.line) ? testAsRoot : test;
    define(drift.name, async () => {
      const files = deployedFiles();
      files.run(drift.line);
      const causes = await files.causes();
      const others = causes.filter((id) => !matches(drift.cause, id));
      expect({ causes: causes.length > 0, others }).toEqual({ causes: true, others: [] });
    });
  }
});

test("only a few scripted drifts are left to the end-to-end tests alone", () => {
  const left = scriptedDrifts.filter((drift) => !isPlayed(drift) && !(isOfFiles(drift) && !deploys(drift)));
  expect(left.map(({ name }) => name)).toMatchInlineSnapshot(`
    [
      "Vault's data another user's",
      "the setup guide's token helper removed",
      "the setup guide's token helper edited",
      "the setup guide's token helper for everybody",
      "the setup guide's token helper behind a link",
      "a container in the namespace of one in the network namespace",
      "a token left in the container's home",
      "the resolver's Node gone",
      "a rendered file edited",
      "a credential removed",
      "the first state cut short",
    ]
  `);
});
