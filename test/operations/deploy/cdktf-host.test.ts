import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../../lib/core/fingerprint";
import { prepareForCli } from "../../../lib/operations/deploy/cdktf-host";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const before = process.env;
afterEach(() => {
  process.env = before;
});

test.each<[string, NodeJS.ProcessEnv, string]>([
  ["the current context", {}, "export DOCKER_HOST=unix:///run/rootless.sock"],
  [
    "DOCKER_HOST beside DOCKER_CONTEXT",
    { DOCKER_CONTEXT: "rootless", DOCKER_HOST: "unix:///run/other.sock" },
    "unset DOCKER_CONTEXT\n *export DOCKER_HOST=unix:///run/other.sock",
  ],
])(
  "a bare `cdktf deploy` to another engine than that of the commands, by %s, changes nothing",
  async (_, env, fix) => {
    const folder = scratchFolder();
    const meta = join(folder, "contexts/meta", sha256("rootless"));
    mkdirSync(meta, { recursive: true });
    const context = { Name: "rootless", Endpoints: { docker: { Host: "unix:///run/rootless.sock" } } };
    writeFileSync(join(meta, "meta.json"), JSON.stringify(context));
    writeFileSync(join(folder, "config.json"), '{ "currentContext": "rootless" }');
    const { DOCKER_CONTEXT, DOCKER_HOST, ...others } = before;
    process.env = { ...others, DOCKER_CONFIG: folder, ...env };
    const deployment = describeInstance({}, { home: join(folder, "home") });
    await expect(prepareForCli(deployment, "key", () => {})).rejects.toThrow(new RegExp(fix));
    expect(existsSync(deployment.home.root)).toBe(false);
  },
);
