import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { settingsSchema } from "../../lib/config/settings";
import { EngineApi } from "../../lib/docker/engine-api";
import { DriftContext } from "../../lib/drift/context";
import { ProbeSkipped } from "../../lib/drift/finding";
import { planFindings } from "../../lib/drift/plan-findings";
import { findRootCauses, matches } from "../../lib/drift/root-cause";
import { runProbes } from "../../lib/drift/run-probes";
import { homePaths, type StackName } from "../../lib/model/home-paths";
import { identitiesOf, identityNames } from "../../lib/model/vault/identities";
import { operatorPolicy, operatorPolicyName } from "../../lib/model/vault/policies";
import { instanceTlsFiles } from "../../lib/model/vault/vault-tls";
import { describeOnHost } from "../../lib/session/load-deployment";
import { writeCredential } from "../../lib/store/credentials";
import { planChanges } from "../../lib/terraform/changes";
import { isLeftOver, scriptedDrifts } from "../e2e/support/drifts";
import { scratchFolder } from "../support/folder";
import { withKeys } from "../support/recorded/normalise";
import { type Recording, readRecordings, withChanges } from "../support/recorded/recording";
import { isPlayed } from "../support/recorded/rows";
import { tape } from "../support/recorded/tape";
import { testUnless } from "../support/skip";

jest.mock("../../lib/core/network/http", () => {
  const { nothingOpened, playing } = jest.requireActual("../support/recorded/tape");
  return { ...jest.requireActual("../../lib/core/network/http"), exchange: playing, open: nothingOpened };
});

// The probes that compare answers; all others read files, which `file-drifts` changes.
jest.mock("../../lib/drift/probes", () => {
  const { probes } = jest.requireActual("../../lib/drift/probes");
  const ofAnswers =
    /^(state|volumes|network|container|container\.shared|image|engine|vault|vault\.(?!files).*|secret|key|credentials)$/;
  return { probes: probes.filter(({ id }: { id: string }) => ofAnswers.test(id)) };
});

const recordings = readRecordings();

const attempt = { nonce: "", started: false, progress: 0, required: 3 };
/** What this version asks for since the recording, as Vault 1.21 answers it; the next recording has it. */
const later: Recording["answers"] = {
  "vault GET sys/generate-root/attempt": { status: 200, body: { ...attempt, complete: false } },
  "vault GET sys/rekey/init": { status: 200, body: { ...attempt, t: 0, n: 0 } },
};

/** The policies as this version deploys them: one that has changed since the recording is no drift of the host. */
const deployed: Recording = {
  ...recordings.deployed,
  answers: { ...later, ...recordings.deployed.answers, ...policyAnswers() },
};

function policyAnswers(): Recording["answers"] {
  const settings = settingsSchema.parse(recordings.deployed.files["openrouter.settings.json"]);
  const described = describeOnHost("default", settings, "/nonexistent");
  const declared = Object.values(identitiesOf(described)).map(({ role, policy }) => [role, policy] as const);
  return Object.fromEntries(
    [...declared, [operatorPolicyName, operatorPolicy] as const].map(([name, policy]) => [
      `vault GET sys/policies/acl/${name}`,
      { status: 200, body: { data: { name, policy } } },
    ]),
  );
}

/** The root causes that are told of a host that answers so. */
async function causesOf(recording: Recording): Promise<string[]> {
  const { answers, files, plans }: Recording = JSON.parse(withKeys(JSON.stringify(recording)));
  const root = join(scratchFolder(), "default");
  const home = homePaths(root);
  for (const [name, content] of Object.entries(files).filter(([, each]) => each !== null)) {
    mkdirSync(dirname(join(root, name)), { recursive: true, mode: 0o700 });
    writeFileSync(join(root, name), JSON.stringify(content), { mode: 0o600 });
  }
  for (const name of identityNames) {
    tape.identities[`ROLE-ID-OF-${name}`] = name;
    writeCredential(home, name, { roleId: `ROLE-ID-OF-${name}`, secretId: `SECRET-ID-OF-${name}` });
  }
  const { caFile } = instanceTlsFiles(home.tls);
  mkdirSync(dirname(caFile), { recursive: true });
  for (const path of [caFile, home.vaultCa]) writeFileSync(path, "");
  tape.answers = { ...answers };
  const settings = settingsSchema.parse(files["openrouter.settings.json"]);
  const context = new DriftContext({
    deployment: describeOnHost("default", settings, root),
    host: {
      engine: { api: new EngineApi("/recorded.sock") } as never,
      program: undefined,
      providers: undefined,
    },
    network: true,
    allOfVault: false,
    progress: () => {},
    pullState: async () => undefined,
  });
  const planned = async (stack: StackName) => {
    const plan = plans[stack];
    if (plan === undefined) throw new ProbeSkipped("it could not be planned");
    return plan === null ? [] : planFindings(stack, planChanges.parse(plan));
  };
  const begun = { vault: planned("vault"), openrouter: planned("openrouter") };
  for (const plan of Object.values(begun)) plan.catch(() => {});
  const { findings } = await runProbes(context, begun);
  return findRootCauses(findings).map(({ id }) => id);
}

test("a host as it was deployed has no drift", async () => {
  expect(await causesOf(deployed)).toEqual([]);
});

test("a key that Vault will delete is drift, also once nothing gives a version an end any more", async () => {
  const path = "vault GET secret/metadata/openrouter";
  const answers = JSON.parse(JSON.stringify(deployed.answers));
  const { data } = answers[path].body;
  data.versions[data.current_version].deletion_time = "2999-12-30T08:23:46.79754036Z";
  expect(await causesOf({ ...deployed, answers })).toEqual(["secret.expires"]);
  answers["vault GET secret/config"].body.data.delete_version_after = "720h0m0s";
  expect(await causesOf({ ...deployed, answers })).toEqual(["vault.kv:delete_version_after"]);
});

/** The root causes if Vault answers one call so. */
const causesIf = (call: string, body: object) =>
  causesOf({ ...deployed, answers: { ...deployed.answers, [`vault GET ${call}`]: { status: 200, body } } });

test.each<[string, string, object, string[]]>([
  [
    "a root generation",
    "sys/generate-root/attempt",
    { ...attempt, started: true },
    ["vault.root-generation"],
  ],
  ["a rekey", "sys/rekey/init", { ...attempt, nonce: "n", started: true, progress: 2 }, ["vault.rekey"]],
])("%s that somebody began is drift", async (_, call, body, causes) => {
  expect(await causesIf(call, body)).toEqual(causes);
});

test("tokens that can last longer are drift", async () => {
  const { data } = JSON.parse(JSON.stringify(deployed.answers["vault GET sys/auth"]!.body));
  data["token/"].config.max_lease_ttl = 315_360_000;
  expect(await causesIf("sys/auth", { data })).toEqual(["vault.mount:token:config.max_lease_ttl"]);
});

for (const drift of scriptedDrifts.filter(isPlayed)) {
  const changes = recordings.drifts[drift.name];
  const define = testUnless(changes ? undefined : "not recorded yet: npm run record");
  define(`${drift.name}, as real parts tell it`, async () => {
    const causes = await causesOf(withChanges(deployed, changes!));
    const others = causes.filter((id) => !matches(drift.cause, id) && !isLeftOver(drift, id));
    expect({ causes: causes.length > 0, others }).toEqual({ causes: true, others: [] });
  });
}

test("nothing is recorded of a drift that is gone", () => {
  const names = scriptedDrifts.filter(isPlayed).map(({ name }) => name);
  expect(Object.keys(recordings.drifts).filter((name) => !names.includes(name))).toEqual([]);
});
