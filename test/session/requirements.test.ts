import { loopbackWarning } from "../../lib/docker/engine";
import { instanceLabel } from "../../lib/model/instance-label";
import type { DeployContext } from "../../lib/session/context";
import {
  requireDeployedServers,
  requireOurs,
  requirePublishable,
  requireVaultContainer,
} from "../../lib/session/requirements";
import { deployedRecord } from "../../lib/store/records/deployed-record";
import { hostRecord } from "../../lib/store/records/host-record";
import { describeInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";

const open = loopbackWarning({ version: "20.10.24", isRootless: false }) ?? "";

/** A run of an instance on an engine, with an image that says by its labels what it is. */
function run(
  version: string,
  { engine = "28.1.0", warnings = [] as string[], settings = {}, instance = "default" } = {},
) {
  const deployment = describeInstance(settings, { home: scratchFolder(), instance });
  const labels = { name: "Vault", vendor: "HashiCorp", version };
  const inspectImage = async () => ({ Id: "sha256:one", Config: { Labels: labels } });
  const context = {
    deployment,
    host: { engine: { version: engine, api: { inspectImage } }, image: { reference: "an-image" }, warnings },
  } as unknown as DeployContext;
  return { context, deployment };
}

const warned = (...args: Parameters<typeof run>) => requireVaultContainer(run(...args).context);

test("what it holds is remembered beside what else is known of the host", async () => {
  const { context, deployment } = run("1.21.5");
  hostRecord.write(deployment.home, { engineId: "an-engine" });
  expect(await requireVaultContainer(context)).toEqual([]);
  expect(hostRecord.read(deployment.home)).toEqual({
    engineId: "an-engine",
    program: { id: "sha256:one", product: "Vault", version: "1.21.5" },
  });
});

test("Vault 2 is refused", async () => {
  await expect(warned("2.0.0")).rejects.toThrow("Vault 2.0.0 in hashicorp/vault:1.21.2");
});

test("of a Vault that is there already no image is asked for", async () => {
  expect(await warned("2.0.0", { settings: { vault: { address: "https://vault.example" } } })).toEqual([]);
});

test("the weakness by which a stranger keeps it from its work is warned of only where its port is open", async () => {
  const engine = "20.10.24";
  expect(await warned("1.21.2", { engine, warnings: [open] })).toEqual([
    expect.stringContaining("CVE-2026-5807"),
  ]);
  expect(await warned("1.21.2", { engine, warnings: [`${open} (could not be closed)`] })).toHaveLength(1);
  // Closed by a rule, by the engine itself, or by a newer Vault.
  expect(await warned("1.21.2", { engine, warnings: [] })).toEqual([]);
  expect(await warned("1.21.2")).toEqual([]);
  expect(await warned("1.21.5", { engine, warnings: [open] })).toEqual([]);
});

test("an engine without root publishes a port once: an address beside the loopback is refused by name", () => {
  expect(() => requirePublishable({ isRootless: true }, "10.0.0.5")).toThrow(
    expect.objectContaining({
      exitCode: 64,
      message: expect.stringContaining("needs an engine that runs as root"),
    }),
  );
  requirePublishable({ isRootless: true }, undefined);
  requirePublishable({ isRootless: false }, "10.0.0.5");
});

/** What `up` says where a volume of the instance's name has other labels. */
async function refusedFor(context: DeployContext, Labels: object): Promise<string> {
  const api = { inspectContainer: async () => undefined, inspectVolume: async () => ({ Labels }) };
  const ours = { ...context, instanceId: "ours", host: { engine: { api } } } as unknown as DeployContext;
  const error = await requireOurs(ours).catch((thrown) => thrown);
  return error.props.fix;
}

test.each([
  ["an instance's, where nothing was deployed", { [instanceLabel]: "another" }, true],
  ["nobody's", {}, false],
])("restore is named for a volume that is %s", async (_, labels, isNamed) => {
  const { context, deployment } = run("1.21.5");
  const { root } = deployment.home;
  const fix = await refusedFor(context, labels);
  expect(fix.includes(`mv ${root} ${root}.begun\nopenclaw-openrouter restore --from`)).toBe(isNamed);
  expect(fix).toContain("vault.container");
});

test.each([{ [instanceLabel]: "another" }, {}])(
  "no other name is named for the sandbox, whose are fixed: %o",
  async (labels) => {
    const { context } = run("1.21.5", { instance: "sandbox" });
    const fix = await refusedFor(context, labels);
    expect(fix).toContain("openclaw-openrouter destroy --purge --instance sandbox");
    expect(fix).toMatch(/docker rm --force \S+sandbox-vault\ndocker volume rm --force .*sandbox-vault-data/);
    expect(fix).not.toMatch(/vault\.container|restore/);
  },
);

describe("a command that deploys nothing sends the key and credentials to", () => {
  const vault = { address: "https://vault.example:8200" };
  const require = (deployed: object | undefined, settings: object, joinedAs?: string) => {
    const home = scratchFolder();
    if (deployed)
      deployedRecord.write(describeInstance({}, { home }).home, {
        at: "2026-11-23T12:00:00.000Z",
        settings: { ...describeInstance(deployed).settings },
      });
    const described = describeInstance(settings, { home });
    const external = { ...described.external!, ...(joinedAs === undefined ? {} : { joinedAs }) };
    return () => requireDeployedServers(described.external ? { ...described, external } : described);
  };

  test.each([
    ["the deployed OpenRouter", {}, {}],
    [
      "the deployed OpenRouter, whatever else was changed",
      {},
      { models: { default: "a/b" }, vault: { port: 8301 } },
    ],
    ["the deployed Vault", { vault }, { vault }],
    [
      "any, where no deploy is recorded",
      undefined,
      { openrouter: { baseUrl: "https://other.example/api/v1" } },
    ],
  ])("%s", (_, deployed, settings) => {
    expect(require(deployed, settings)).not.toThrow();
  });

  test.each([
    ["OpenRouter", {}, { openrouter: { baseUrl: "https://other.example/api/v1" } }],
    ["Vault", { vault }, { vault: { address: "https://other.example:8200" } }],
    ["Vault", { vault }, { vault: { ...vault, caFile: "/other/ca.pem" } }],
  ])("no other %s", (what, deployed, settings) => {
    expect(require(deployed, settings)).toThrow(`another ${what} than the deployed one`);
    // Whoever has just run a bare `cdktf deploy` would look for the reason elsewhere.
    expect(require(deployed, settings)).toThrow(
      expect.objectContaining({
        props: expect.objectContaining({
          expected: expect.stringMatching(/, as the last `up` or `deploy` recorded it$/),
          fix: expect.stringContaining("after a bare `cdktf deploy` too, which records nothing"),
        }),
      }),
    );
  });

  test("no other Vault from a joined host, which deploys nothing: it joins there", () => {
    const elsewhere = require({ vault }, { vault: { address: "https://other.example:8200" } }, "web1");
    const props = expect.objectContaining({ fix: expect.stringMatching(/^openclaw-openrouter host join\n/) });
    expect(elsewhere).toThrow(expect.objectContaining({ props }));
  });
});
