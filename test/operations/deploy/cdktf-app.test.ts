import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { beforeSynth } from "../../../lib/operations/deploy/cdktf-app";
import { describedDeployment, loadDeployment } from "../../../lib/session/load-deployment";
import { writeListener } from "../../../lib/store/records/listener-record";
import { replacingRecord } from "../../../lib/store/records/replacing-record";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

let mockCommand: string | undefined;
jest.mock("../../../lib/operations/deploy/cdktf-environment", () => ({
  ...jest.requireActual("../../../lib/operations/deploy/cdktf-environment"),
  changingCommand: () => mockCommand,
}));
jest.mock("../../../lib/operations/deploy/cdktf-host", () => ({ prepareForCli: async () => {} }));
jest.mock("../../../lib/session/renew-certificate", () => ({
  certificateOwnerOf: () => ({}),
  renewCertificateIfDue: async () => {},
}));
jest.mock("../../../lib/vault/wait", () => ({
  sealStatusIfAny: async () => undefined,
}));
jest.mock("../../../lib/bundle/bundle", () => ({ openBundle: () => ({}), missingParts: () => ["vault"] }));
jest.mock("../../../lib/docker/engine", () => ({ runningEngine: async () => undefined }));

const before = { folder: process.cwd(), environment: { ...process.env } };
let place: string;
let file: string;
beforeEach(() => {
  place = scratchFolder();
  mkdirSync(join(place, "clone"), { recursive: true });
  file = join(place, "clone/openrouter.settings.json");
  writeFileSync(file, '{ "vault": { "port": 8301 } }');
  process.env = { ...before.environment, OPENCLAW_OPENROUTER_HOME: join(place, "homes") };
  process.chdir(join(place, "clone"));
});
afterEach(() => {
  process.chdir(before.folder);
  process.env = before.environment;
});

test("later commands in another folder find the settings file of a bare `cdktf deploy`", async () => {
  mockCommand = "deploy";
  await beforeSynth(describedDeployment(), "key", () => {});
  process.chdir(place);
  expect(loadDeployment("default").settingsFile).toBe(file);
});

test("a deploy into a workspace is refused, and a command that only reads is not", async () => {
  process.env.TF_WORKSPACE = "prod";
  mockCommand = "deploy";
  await expect(beforeSynth(describedDeployment(), "key", () => {})).rejects.toThrow("TF_WORKSPACE prod");
  mockCommand = undefined;
  await expect(beforeSynth(describedDeployment(), "key", () => {})).resolves.toBeUndefined();
});

test("a command of the CDKTF CLI that deploys nothing records none", async () => {
  mockCommand = undefined;
  await beforeSynth(describedDeployment(), undefined, () => {});
  process.chdir(place);
  expect(loadDeployment("default").settingsFile).toBeUndefined();
});

test("without the file of the last deploy, a bare `cdktf deploy` does not take every setting back", async () => {
  mockCommand = "deploy";
  await beforeSynth(describedDeployment(), "key", () => {});
  rmSync(file);
  await expect(beforeSynth(describedDeployment(), "key", () => {})).rejects.toThrow(
    "The settings file of the last deploy of the instance default is missing",
  );
});

test("CDKTF's app starts no Vault whose data a restore has not replaced to its end", async () => {
  const deployment = describeInstance({}, { home: scratchFolder() });
  replacingRecord.write(deployment.home, {
    ...{ command: "restore", backup: "/b.tar", since: "2026-11-23T12:00:00.000Z" },
    ...{ stage: "copied", hadData: true },
  });
  await expect(beforeSynth(deployment, undefined, () => {})).rejects.toThrow("restore --from /b.tar");
});

const describedAt = (address: string) => describeInstance({ vault: { address } }, { home: scratchFolder() });

test("variables that weaken Terraform's connection to Vault stop the app first", async () => {
  process.env.VAULT_SKIP_VERIFY = "true";
  await expect(beforeSynth(describedAt("https://127.0.0.1:1"), undefined, () => {})).rejects.toThrow(
    "VAULT_SKIP_VERIFY",
  );
});

test("so does a listener on plain HTTP that is not the recorded one, before Terraform's provider logs in to it", async () => {
  const server = createServer((socket) => socket.on("error", () => {}).destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const deployment = describedAt(address);
  writeListener(deployment.home.root, address, (process.getuid?.() ?? 0) + 1);
  try {
    await expect(beforeSynth(deployment, undefined, () => {})).rejects.toThrow("nothing was sent there");
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});
