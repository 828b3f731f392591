import type { RunResult } from "../../../lib/core/system/process";
import { runFast, type TerraformRun } from "../../../lib/terraform/fast/run-fast";
import { SharedProviders } from "../../../lib/terraform/fast/shared-providers";
import { scratchFolder } from "../../support/folder";

let count = 0;

/** A run with a program of its own: what fails with one does not concern the others. */
function terraform(more: Partial<TerraformRun> = {}): TerraformRun {
  return {
    program: { kind: "terraform", version: "1.11.4", path: `/opt/${++count}/terraform` },
    folder: scratchFolder(),
    env: { DOCKER_HOST: "unix:///x" },
    readsOnly: true,
    ...more,
  };
}

/** Runs it; each start ends as the next of these says. @returns the environments and the outcome */
async function runs(given: TerraformRun, ...ends: Partial<RunResult>[]) {
  const starts: Readonly<Record<string, string>>[] = [];
  const result = await runFast(given, async (env) => {
    starts.push(env);
    const end = ends[starts.length - 1] ?? {};
    return { exitCode: 0, stdout: "", stderr: "", ...end } as RunResult;
  });
  return { starts, result };
}

const didNotRespond = { exitCode: 1, stdout: '{"summary":"Error: Plugin did not respond"}' };

test("TLS between Terraform and its providers is off, and the sockets are in a private folder", async () => {
  const { starts } = await runs(terraform());
  expect(starts).toEqual([
    { DOCKER_HOST: "unix:///x", TF_DISABLE_PLUGIN_TLS: "1", TMPDIR: expect.stringContaining("sockets") },
  ]);
});

test("running providers are lent to what only reads", async () => {
  const sharedProviders = new SharedProviders(scratchFolder());
  // Of a folder that locks none, none are lent.
  expect((await runs(terraform({ sharedProviders }))).starts[0]).toHaveProperty(
    "TF_REATTACH_PROVIDERS",
    "{}",
  );
  const { starts } = await runs(terraform({ sharedProviders, readsOnly: false }));
  expect(starts[0]).not.toHaveProperty("TF_REATTACH_PROVIDERS");
  await sharedProviders.end();
});

test("another version than the tried one runs as Terraform itself runs", async () => {
  const program = { kind: "terraform", version: "1.14.0", path: "/opt/new/terraform" } as const;
  const sharedProviders = new SharedProviders(scratchFolder());
  const { starts } = await runs(terraform({ program, sharedProviders }));
  expect(starts).toEqual([{ DOCKER_HOST: "unix:///x" }]);
});

test.each([
  ["Error: Plugin did not respond"],
  ["Error: Failed to load plugin schemas"],
  ["Error: Failed to instantiate provider"],
  ["Reattachment process not found"],
  ["rpc error: code = Unavailable desc = connection error"],
])("%s: runs again the plain way, and later runs use no shortcut", async (stderr) => {
  const given = terraform();
  const { starts, result } = await runs(given, { exitCode: 1, stderr }, { exitCode: 2 });
  expect(starts[1]).toEqual({ DOCKER_HOST: "unix:///x" });
  expect([starts.length, result.exitCode]).toEqual([2, 2]);
  expect((await runs(given)).starts).toEqual([{ DOCKER_HOST: "unix:///x" }]);
});

test("what fails the plain way too has failed", async () => {
  const { starts, result } = await runs(terraform(), didNotRespond, didNotRespond);
  expect([starts.length, result.exitCode]).toEqual([2, 1]);
});

test("an apply never runs a second time, since a part of it may be done", async () => {
  const given = terraform({ readsOnly: false });
  const { starts, result } = await runs(given, didNotRespond);
  expect([starts.length, result.exitCode]).toEqual([1, 1]);
  expect((await runs(given)).starts[0]).not.toHaveProperty("TF_DISABLE_PLUGIN_TLS");
});

test.each<[string, Partial<RunResult>]>([
  ["a failure of another kind", { exitCode: 1, stdout: '{"summary":"Vault is sealed"}' }],
  ["changes whose text names a plugin", { exitCode: 2, stdout: "plugin" }],
])("%s is not a shortcut's: it runs once", async (_what, end) => {
  const given = terraform();
  const { starts, result } = await runs(given, end);
  expect([starts.length, result.exitCode]).toEqual([1, end.exitCode]);
  expect((await runs(given)).starts[0]).toHaveProperty("TF_DISABLE_PLUGIN_TLS", "1");
});
