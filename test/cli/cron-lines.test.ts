import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { register as destroy } from "../../lib/cli/commands/destroy";
import { register as rekeyShares } from "../../lib/cli/commands/shares-rekey";
import { register as removeShares } from "../../lib/cli/commands/shares-remove";
import type { Register } from "../../lib/cli/define-command";
import { ExitCode } from "../../lib/core/exit-codes";
import { homePaths } from "../../lib/model/home-paths";
import type { PrepareOptions } from "../../lib/session/context";
import { instanceHome } from "../../lib/store/home";
import { joinedRecord } from "../../lib/store/records/joined-record";
import { rekeyRecord } from "../../lib/store/records/rekey-record";
import { VaultClient } from "../../lib/vault/client";
import { makeNewShares } from "../../lib/vault/shares/rekey";
import { beginInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { capturePrinted, type Printed } from "../support/printed";
import { Bed } from "../vault/bed";

let mockAddress = "";
jest.mock("../../lib/session/context", () => ({
  prepare: async ({ deployment }: PrepareOptions) => ({
    deployment,
    phase: (_: string, work: (progress: () => void) => unknown) => work(() => {}),
  }),
}));
jest.mock("../../lib/session/require-vault", () => ({
  requireVault: async () => ({ place: { address: mockAddress } }),
}));
/** The stub's shares are shorter than Vault's. */
jest.mock("../../lib/vault/shares/given-shares", () => ({
  parseShares: ([text = ""]: readonly string[], threshold: number) => ({
    shares: text.split("\n"),
    threshold,
  }),
}));

const line = (command: string) => `@daily /bin/sh /x # openclaw-openrouter: ${command} home`;
const lines = ["check", "unseal"].map(line);
const before = { ...process.env };
let printed: Printed;
let bed: Bed;

beforeEach(async () => {
  bed = await Bed.make();
  mockAddress = bed.stub.address;
  const bin = scratchFolder();
  const others = `${line("check")}-other`;
  writeFileSync(join(bin, "crontab"), `#!/bin/sh\ncat <<'.'\n${[...lines, others].join("\n")}\n.\n`, {
    mode: 0o755,
  });
  process.env.PATH = `${bin}:${process.env.PATH}`;
  // The bed's instance directory is named `home`.
  process.env.OPENCLAW_OPENROUTER_HOME = dirname(bed.home.root);
  printed = capturePrinted();
});
afterEach(async () => {
  jest.restoreAllMocks();
  process.env = { ...before };
  process.exitCode = undefined;
  await bed.stub.close();
});

async function run(register: Register, ...args: string[]) {
  const program = new Command("program").exitOverride();
  const name = register(program).name();
  await program.parseAsync([name, ...args, "--instance", "home", "--yes", "--json"], { from: "user" });
  expect([process.exitCode, process.exitCode === ExitCode.Ok ? "" : printed.err]).toEqual([ExitCode.Ok, ""]);
  return JSON.parse(printed.out);
}

/** A file of shares that people gave back. */
function givenBack(shares: readonly string[]): string {
  const file = join(scratchFolder(), "shares");
  writeFileSync(file, shares.join("\n"));
  return file;
}

test("destroy names the crontab's lines of all schedules of the instance, and of no other", async () => {
  const home = homePaths(instanceHome("home"));
  mkdirSync(home.root, { recursive: true, mode: 0o700 });
  beginInstance(home.root);
  writeFileSync(
    join(home.root, "openrouter.settings.json"),
    '{"vault":{"address":"https://vault.example:8200"}}',
  );
  const since = new Date().toISOString();
  joinedRecord.write(home, { name: "web1", prefix: "openclaw-a", role: "r", clusterId: "c", since });
  expect((await run(destroy)).cronLines).toEqual(lines);
  expect(printed.err).toContain(
    `These lines are still in your crontab. Remove them with \`crontab -e\`:\n\n${lines.join("\n")}\n`,
  );
  expect(printed.err).not.toContain("home-other");
});

const oneLine = `This line is still in your crontab. Remove it with \`crontab -e\`:\n\n${line("unseal")}\n`;

test("shares remove names the line that unsealed Vault", async () => {
  await bed.run();
  beginInstance(bed.home.root);
  expect((await run(removeShares, "--share-file", givenBack(bed.shares().shares))).cronLine).toBe(
    line("unseal"),
  );
  expect(printed.err).toContain(oneLine);
});

test("shares rekey names it when the new shares are with people", async () => {
  await bed.run();
  beginInstance(bed.home.root);
  const props = { shares: 5, threshold: 3, current: bed.shares() };
  const made = await makeNewShares(VaultClient.at({ address: mockAddress }), "rekey", props);
  rekeyRecord.write(bed.home, {
    ...{
      generation: 2,
      replaces: 1,
      shares: 5,
      threshold: 3,
      since: new Date().toISOString(),
      nonce: made.nonce,
    },
    ...{ way: "distributed", holders: [], seen: { before: [], after: [] }, verifying: false },
  });
  expect((await run(rekeyShares, "--new-share-file", givenBack(made.shares))).cronLine).toBe(line("unseal"));
  expect(printed.err).toContain(oneLine);
});
