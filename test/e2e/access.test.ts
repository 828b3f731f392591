import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { prefixOf } from "../../lib/model/vault/vault-names";
import { driftReport } from "../../lib/report/drift-report";
import { readInstance } from "../../lib/store/home";
import { Acl } from "../../lib/vault/access/acl";
import { parsePolicy } from "../../lib/vault/access/policy-text";
import type { VaultClient } from "../../lib/vault/client";
import { anything } from "../../lib/vault/schemas";
import { DriftBed } from "./support/drift-bed";
import { describeInFull, testInFull } from "./support/full";
import { GuideVault } from "./support/guide-vault";
import { type RunOutcome, TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { runOnTerminal } from "./support/terminal";

/** Somebody else who gets at the key, or at what guards it: how that comes about, and what drift names. */
interface Intruder {
  readonly name: string;
  readonly line: string;
  readonly id: string | RegExp;
  readonly through: RegExp;
  readonly undo: string;
}

const policy = (name: string, path: string, ...capabilities: string[]) =>
  `echo 'path "${path}" { capabilities = ${JSON.stringify(capabilities)} }' | as_root policy write ${name} -`;
/** The id of the entity of an identity, which has one once it has logged in. */
const entityOf = (role: string) =>
  `as_root write -field=id identity/lookup/entity alias_name=$(as_root read -field=role_id auth/approle/role/${role}/role-id) alias_mount_accessor=$(as_root auth list -format=json | sed -n '/"approle\\/"/,/}/s/.*"accessor": "\\(.*\\)".*/\\1/p')`;

const intruders: readonly Intruder[] = [
  {
    name: "a second role on our AppRole with our policy",
    line: "as_root write auth/approle/role/second token_policies=openclaw-reader token_type=batch",
    id: "vault.access:auth/approle/role/second",
    through: /read the key \(policy openclaw-reader, rule secret\/data\/openrouter\)/,
    undo: "as_root delete auth/approle/role/second",
  },
  {
    name: "a periodic orphan token",
    line: "as_root token create -orphan -period=24h -policy=openclaw-reader -display-name=spare",
    id: /^vault\.access:token:/,
    through: /read the key \(policy openclaw-reader/,
    undo: "for a in $(as_root list auth/token/accessors | tail -n +3); do as_root token lookup -accessor $a | grep -q spare && as_root token revoke -accessor $a; done; true",
  },
  {
    name: "a user with everything",
    line: `as_root auth enable -path=people userpass\n${policy("all", "*", "create", "read", "update", "delete", "list", "sudo")}\nas_root write auth/people/users/bob password=pw token_policies=all`,
    id: "vault.access:auth/people/users/bob",
    through: /read the key, .*change policies.* \(policy all, rule \*\)/,
    undo: "as_root auth disable people; as_root policy delete all",
  },
  {
    name: "a policy given to the reader's entity",
    line: `${policy("more", "sys/policies/acl/*", "update")}\nas_root write identity/entity/id/$(${entityOf("openclaw-reader")}) policies=more`,
    id: "vault.access:auth/approle/role/openclaw-reader",
    through: /change policies \(entity entity_\w+, policy more/,
    undo: `as_root write identity/entity/id/$(${entityOf("openclaw-reader")}) policies=; as_root policy delete more`,
  },
  {
    name: "a group with the reader's policy, and the auditor in it",
    line: `${policy("grouped", "secret/+/open*", "update")}\nas_root write identity/group name=team policies=grouped member_entity_ids=$(${entityOf("openclaw-auditor")})`,
    id: "vault.access:auth/approle/role/openclaw-auditor",
    through: /destroy the key \(entity entity_\w+, group team, policy grouped/,
    undo: "as_root delete identity/group/name/team; as_root policy delete grouped",
  },
  {
    name: "a token role, by which batch tokens are made",
    line: "as_root write auth/token/roles/maker allowed_policies_glob=openclaw-r* orphan=true",
    id: "vault.access:auth/token/roles/maker",
    through: /read the key/,
    undo: "as_root delete auth/token/roles/maker",
  },
  {
    name: "whoever can make secret ids of the reader",
    line: `${policy("issue", "auth/approle/role/+/secret-id", "update")}\nas_root write auth/approle/role/issuer token_policies=issue`,
    id: "vault.access:auth/approle/role/issuer",
    through: /so as role openclaw-reader of auth\/approle\//,
    undo: "as_root delete auth/approle/role/issuer; as_root policy delete issue",
  },
  {
    name: "the key in a wrapped answer",
    line: "as_root kv get -wrap-ttl=1h secret/openrouter",
    id: /^vault\.access:token:/,
    through: /an answer that it unwraps/,
    undo: "for a in $(as_root list auth/token/accessors | tail -n +3); do as_root token lookup -accessor $a | grep -q response-wrapping && as_root token revoke -accessor $a; done; true",
  },
  {
    name: "a role of another AppRole, mounted deeper",
    line: `as_root auth enable -path=team/approle approle\n${policy("mount", "sys/mounts/secret*", "update")}\nas_root write auth/team/approle/role/ops token_policies=mount`,
    id: "vault.access:auth/team/approle/role/ops",
    through: /change the key's mount/,
    undo: "as_root auth disable team/approle; as_root policy delete mount",
  },
  {
    name: "the control of the key's metadata",
    line: `${policy("keeper", "secret/metadata/*", "delete")}\nas_root write auth/approle/role/keeper token_policies=keeper`,
    id: "vault.access:auth/approle/role/keeper",
    through: /delete the key or its versions/,
    undo: "as_root delete auth/approle/role/keeper; as_root policy delete keeper",
  },
  {
    name: "a role of JWT",
    line: `as_root auth enable -path=ci jwt\nas_root write auth/ci/config jwt_validation_pubkeys="$(openssl ecparam -genkey -name prime256v1 | openssl ec -pubout 2>/dev/null)"\n${policy("build", "secret/*", "read")}\nas_root write auth/ci/role/build role_type=jwt user_claim=sub bound_subject=x token_policies=build`,
    id: "vault.access:auth/ci/role/build",
    through: /policy build, rule secret\/\*/,
    undo: "as_root auth disable ci; as_root policy delete build",
  },
];

describe("who has access to the key of an instance", () => {
  const bed = new DriftBed();

  beforeAll(() => bed.deploy());
  afterAll(() => bed.remove());

  test("a fresh deploy has no drift, and operators are expected while their token lasts", async () => {
    await bed.host.mustRun(["vault", "login", "--ttl", "10m"]);
    const { code, report } = await bed.drift();
    expect({ code, findings: report.findings }).toEqual({ code: 0, findings: [] });
  });

  describe("somebody else", () => {
    let found: { id: string; actual?: string }[] = [];
    beforeAll(async () => {
      // Each identity has an entity once it has logged in.
      await bed.drift();
      await bed.vault.as("reader");
      await bed.run(intruders.map(({ line }) => line).join("\n"));
      const { code, report } = await bed.drift();
      expect(code).toBe(2);
      found = report.findings as typeof found;
    });

    test.each(intruders.map((each) => [each.name, each] as const))(
      "%s is found",
      (_name, { id, through }) => {
        const of = found.filter((each) => (typeof id === "string" ? each.id === id : id.test(each.id)));
        expect(found.map((each) => each.id)).toEqual(expect.arrayContaining(of.map((each) => each.id)));
        expect(of.map(({ actual }) => actual).filter((actual) => through.test(actual ?? ""))).toHaveLength(1);
      },
    );

    test("nobody else is", () => {
      expect(found).toHaveLength(intruders.length);
    });

    test("up without a terminal leaves it drift", async () => {
      const { stderr } = await bed.up();
      expect(stderr).toContain("New access to the key, which nobody has accepted:");
      expect((await bed.drift()).report.findings).toHaveLength(intruders.length);
    });

    test("up shows it and asks; what is accepted is no drift, and what comes after it is", async () => {
      const accept = [{ to: /Is this intended\?/, type: "y" }];
      const { code, screen } = await runOnTerminal(bed.host, ["up"], accept);
      expect({ code, screen: code === 0 ? "" : screen }).toEqual({ code: 0, screen: "" });
      expect((await bed.drift()).code).toBe(0);
      await bed.run("as_root write auth/approle/role/third token_policies=openclaw-reader");
      const { report } = await bed.drift();
      expect(report.findings.map(({ id }) => id)).toEqual(["vault.access:auth/approle/role/third"]);
      await bed.run("as_root delete auth/approle/role/third");
    });

    testInFull("what is taken away and comes again is new", async () => {
      await bed.run(intruders.map(({ undo }) => undo).join("\n"));
      await bed.up();
      const [first] = intruders;
      await bed.run(first?.line ?? "");
      expect((await bed.drift()).report.findings.map(({ id }) => id)).toEqual([first?.id]);
      await bed.run(first?.undo ?? "");
      expect((await bed.drift()).code).toBe(0);
    });
  });

  test("policies decide as Vault decides, on 4,000 paths", async () => {
    await bed.vault.asRoot((root) => compareWithVault(root, 100));
  });
});

describeInFull("who has access to the key in an external Vault", () => {
  const host = new TestHost();
  const vault = new GuideVault(host);
  let openrouter: LocalOpenRouter;
  const key = newKey();

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    await vault.start();
    const settings = { address: "http://127.0.0.1:8200", container: "vault" };
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl }, vault: settings });
    const args = ["up", "-i", "default", "--admin-token-stdin"];
    await mustPass(host.run(args, { OPENROUTER_API_KEY: key }, vault.rootToken));
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  const prefix = () => prefixOf("default", readInstance(host.home("default").root)?.id);

  async function drift() {
    const { code, stdout } = await host.run(["drift", "--json"]);
    const report = driftReport.parse(JSON.parse(stdout));
    const found = report.findings.map(({ id }) => id);
    const unread = report.skipped
      .filter(({ what }) => what.startsWith("vault.access"))
      .map((each) => each.because);
    return { code, found, unread };
  }

  test("what its owner does not permit is skipped, and no drift", async () => {
    const { code, found, unread } = await drift();
    expect({ code, found, unread: [...new Set(unread)] }).toEqual({
      code: 0,
      found: [],
      unread: ["not permitted"],
    });
  });

  test("a token with our policy is found", async () => {
    vault.asRoot(["token", "create", `-policy=${prefix()}-reader`, "-display-name=spare"]);
    expect((await drift()).found).toEqual([expect.stringMatching(/^vault\.access:token:/)]);
  });

  test("with the policy of the page, readers are found and admins are not", async () => {
    const page = readFileSync(join(__dirname, "../../docs/external-vault.md"), "utf8");
    const [, policy = ""] = /## Who has access[\s\S]*?```hcl\n([^`]+)```/.exec(page) ?? [];
    vault.asRoot(["policy", "write", "openclaw-access", "-"], policy);
    const roleId = vault.asRoot(["read", "-field=role_id", `auth/approle/role/${prefix()}-auditor/role-id`]);
    const accessor = vault.asRoot(["read", "-field=accessor", "sys/auth/approle"]);
    const alias = [`alias_name=${roleId}`, `alias_mount_accessor=${accessor}`];
    const entity = vault.asRoot(["write", "-field=id", "identity/lookup/entity", ...alias]);
    const group = ["name=openclaw-access", "policies=openclaw-access", `member_entity_ids=${entity}`];
    vault.asRoot(["write", "identity/group", ...group]);
    vault.asRoot(["auth", "enable", "userpass"]);
    vault.asRoot(["policy", "write", "reads", "-"], 'path "secret/*" { capabilities = ["read"] }');
    vault.asRoot(["policy", "write", "admin", "-"], 'path "*" { capabilities = ["read", "update", "sudo"] }');
    vault.asRoot(["write", "auth/userpass/users/ann", "password=x", "token_policies=reads"]);
    vault.asRoot(["write", "auth/userpass/users/root", "password=x", "token_policies=admin"]);
    const { found, unread } = await drift();
    expect(found.filter((id) => !id.includes(":token:"))).toEqual(["vault.access:auth/userpass/users/ann"]);
    expect(unread).toEqual([]);
  });
});

async function mustPass(running: Promise<RunOutcome>): Promise<void> {
  const { code, stderr } = await running;
  if (code !== 0) throw new Error(`it ended with ${code}:\n${stderr}`);
}

const capabilitiesAnswer = z.object({ data: z.record(z.string(), z.array(z.string())) });
const tokenAnswer = z.object({ auth: z.object({ client_token: z.string() }) });

/** Writes policies by chance, and compares what Vault and the computed ACL permit at paths by chance. */
async function compareWithVault(root: VaultClient, rounds: number): Promise<void> {
  const random = chance(7);
  for (let round = 0; round < rounds; round++) {
    const policies = Array.from({ length: 1 + random(3) }, (_, index) => ({
      name: `by-chance-${index}`,
      text: Array.from({ length: 1 + random(6) }, () => randomRule(random)).join("\n"),
    }));
    for (const { name, text } of policies)
      await root.call({ method: "PUT", path: `sys/policies/acl/${name}`, body: { policy: text } }, anything);
    const names = policies.map(({ name }) => name);
    const create = { policies: names, no_default_policy: true, ttl: "1m" };
    const made = await root.call({ method: "POST", path: "auth/token/create", body: create }, tokenAnswer);
    const paths = Array.from({ length: 40 }, () => randomPath(random, false));
    const { client_token: token } = made.auth;
    const body = { token, paths };
    const { data } = await root.call({ method: "POST", path: "sys/capabilities", body }, capabilitiesAnswer);
    const acl = new Acl(policies.map(({ name, text }) => ({ name, rules: parsePolicy(text) })));
    for (const path of paths) {
      const ours = [...(acl.at(path)?.capabilities ?? [])].sort();
      const text = policies.map((each) => each.text).join("\n");
      expect({ text, path, capabilities: ours.length > 0 ? ours : ["deny"] }).toEqual({
        text,
        path,
        capabilities: data[path]?.toSorted(),
      });
    }
  }
  for (const index of [0, 1, 2])
    await root.call({ method: "DELETE", path: `sys/policies/acl/by-chance-${index}` }, anything);
}

/** The same numbers each time. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

type Random = ReturnType<typeof chance>;

const words = ["a", "ab", "abc", "b", "secret", "+a", "x+"];

function randomPath(random: Random, isRule: boolean): string {
  const parts = Array.from({ length: 1 + random(4) }, () =>
    isRule && random(4) === 0 ? "+" : (words[random(words.length)] ?? "a"),
  );
  const text = parts.join("/");
  if (!isRule) return text;
  return [text.endsWith("+") ? `${text}/*` : `${text}*`, `${text}/*`, text][random(3)] ?? text;
}

function randomRule(random: Random): string {
  const all = ["create", "read", "update", "delete", "list", "sudo", "patch"];
  const some = Array.from({ length: 1 + random(3) }, () =>
    random(8) === 0 ? "deny" : (all[random(all.length)] ?? "read"),
  );
  return `path "${randomPath(random, true)}" { capabilities = ${JSON.stringify([...new Set(some)])} }`;
}
