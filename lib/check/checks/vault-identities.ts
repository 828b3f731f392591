import { hostNames } from "../../model/hosts";
import { identitiesOf } from "../../model/vault/identities";
import { secretApiPath } from "../../model/vault/vault-names";
import { combine, fail, pass, type Verdict } from "../../report/finding";
import { ifRefused, type VaultClient, type VaultRequest } from "../../vault/client";
import { auditAnswer } from "../../vault/compare-mounts";
import { activeRootTokens } from "../../vault/identities/tokens";
import { anything, policyAnswer } from "../../vault/schemas";
import type { Check } from "../check";
import type { CheckContext } from "../context";
import { warningsOf } from "../warnings";

const warn = warningsOf("vault.identities");

export const vaultIdentities: Check = {
  id: "vault.identities",
  why: "Whoever gets hold of OpenClaw's credentials must reach this one key and nothing else of Vault.",
  needs: ["vault.unsealed"],
  async run(context) {
    // A joined host has no auditor: the inviting instance inspects the rest.
    if (context.parameters.external?.joinedAs !== undefined) return readerReads(context);
    await Promise.all([context.reader(), context.auditor()]);
    const points = [readerReads(context), rootIsDead(context), auditIsOn(context), policyIsDeclared(context)];
    return combine("reader, auditor and audit log are as declared", await Promise.all(points));
  },
};

const up = "openclaw-openrouter up";

/** The requests that Vault must refuse the reader. The write names an impossible version, so it never writes anything. */
function forbidden(keyPath: string, role: string): readonly VaultRequest[] {
  const write = { options: { cas: 2 ** 31 - 1 }, data: {} };
  return [
    { path: secretApiPath("metadata", keyPath) },
    { method: "LIST", path: "secret/metadata" },
    { path: "secret/data/openclaw-openrouter-check" },
    { method: "POST", path: secretApiPath("data", keyPath), body: write },
    { path: "sys/mounts" },
    { path: `sys/policies/acl/${role}` },
    { path: "auth/token/lookup-self" },
    { method: "LIST", path: "auth/token/accessors" },
  ];
}

async function readerReads(context: CheckContext): Promise<Verdict> {
  const reader = await context.reader();
  // The check secret.present reports a missing secret.
  const { keyPath } = reader;
  if (!(await isPermitted(reader, { path: secretApiPath("data", keyPath) })))
    return fail(`the reader cannot read ${keyPath}`, up);
  const { external } = context.parameters;
  const { role } =
    external?.joinedAs === undefined
      ? identitiesOf(context.parameters).reader
      : hostNames(external, external.joinedAs);
  const requests = forbidden(keyPath, role);
  const permitted = await Promise.all(requests.map((request) => isPermitted(reader, request)));
  const open = requests.filter((_, index) => permitted[index]);
  if (open.length === 0) return pass(`the reader reads ${keyPath} and nothing else`);
  const names = open.map(({ method = "GET", path }) => `${method} ${path}`).join(", ");
  return fail(`the reader can do more than it should: ${names}`, up);
}

/** With these Vault refuses the request itself, after it has permitted it. */
const refusedAfterwards = [400, 404, 405];

function isPermitted(vault: VaultClient, request: VaultRequest): Promise<boolean> {
  return vault
    .call(request, anything)
    .then(() => true)
    .catch(ifRefused([403, ...refusedAfterwards], ({ status }) => status !== 403));
}

async function rootIsDead(context: CheckContext): Promise<Verdict> {
  const roots = await activeRootTokens(await context.auditor());
  if (roots.length === 0) return pass("no root token is active");
  const vault = vaultCommand(context);
  const revoke = roots.slice(0, 3).map(({ accessor }) => `${vault} token revoke -accessor ${accessor}`);
  const summary = roots.length === 1 ? "a root token is active" : `${roots.length} root tokens are active`;
  const fix = `With VAULT_TOKEN of an operator in the environment, revoke it: ${revoke.join("; ")}`;
  // The owner of an external Vault can have a reason for it, of which the next one is no part.
  return context.parameters.external
    ? warn(`root-token:${roots.map(({ accessor }) => accessor).join(",")}`, summary, fix)
    : fail(summary, fix);
}

/** The command by which a person runs Vault's own program, with the token of the shell's environment. */
function vaultCommand({ parameters: { external, container } }: CheckContext): string {
  const name = external ? external.container : container;
  return name ? `docker exec -e VAULT_TOKEN ${name} vault` : "vault";
}

async function auditIsOn(context: CheckContext): Promise<Verdict> {
  const auditor = await context.auditor();
  const { data } = await auditor.call({ path: "sys/audit" }, auditAnswer);
  const devices = Object.keys(data ?? {});
  if (devices.length > 0) return pass(`audit device ${devices.join(", ")}`);
  const summary = "no audit device is enabled: no log shows who read the key";
  if (!context.parameters.external) return fail(summary, up);
  const enable = `${vaultCommand(context)} audit enable file file_path=stdout`;
  return warn(
    "no-audit",
    summary,
    `Its owner can enable one, with VAULT_TOKEN in the environment: ${enable}`,
  );
}

async function policyIsDeclared(context: CheckContext): Promise<Verdict> {
  const { role, policy } = identitiesOf(context.parameters).reader;
  const auditor = await context.auditor();
  const { data } = await auditor.call({ path: `sys/policies/acl/${role}` }, policyAnswer);
  return data.policy.trim() === policy.trim()
    ? pass("the reader's policy is the declared one")
    : fail("the reader's policy differs from the declared one", up);
}
