import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writePrivateFile } from "../../lib/core/files/files";
import { homePaths } from "../../lib/model/home-paths";
import { openclawPaths } from "../../lib/model/openclaw/openclaw-paths";
import { askResolver } from "../../lib/openclaw/ask-resolver";
import { install } from "../../lib/openclaw/install";
import { writeCredential } from "../../lib/store/credentials";
import { canary } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { DeployedVault } from "../support/vault/deployed-vault";
import { type Stub, serveStub } from "../support/vault/server";

const place = scratchFolder();
const [home, folder] = [join(place, "home"), join(place, "openclaw")];
const vault = new DeployedVault();
let served: Stub;

beforeAll(async () => {
  served = await serveStub((call) => vault.answer(call));
  vault.secret = { data: { api_key: canary }, version: 1, created: new Date() };
  writePrivateFile(join(homePaths(home).rendered, "config.json"), "{}\n");
  writePrivateFile(join(homePaths(home).rendered, "openrouter.json5"), "{}\n");
  writeCredential(homePaths(home), "reader", { roleId: "role-reader", secretId: "secret-reader" });
});
beforeEach(() => install({ home, folder }));
afterAll(() => served.close());

const ask = () => askResolver({ folder }, { address: `http://127.0.0.1:${served.port}` });

test("gives the key", async () => {
  expect(await ask()).toEqual({ key: canary });
});

test("gives the resolver's own words where there is none", async () => {
  vault.sealed = true;
  expect(await ask()).toEqual({ problem: expect.stringContaining("Vault is sealed") });
  vault.sealed = false;
});

test.each<[string, () => void, RegExp]>([
  ["is gone", () => rmSync(openclawPaths(folder).resolver), /is missing/],
  [
    "answers something else",
    () => writeFileSync(openclawPaths(folder).resolver, "#!/bin/sh\necho hi\n"),
    /does not follow the protocol/,
  ],
  [
    "fails",
    () => writeFileSync(openclawPaths(folder).resolver, "#!/bin/sh\necho broken >&2; exit 3\n"),
    /ended with exit code 3: broken/,
  ],
])("says so where the resolver %s", async (_, change, problem) => {
  change();
  expect(await ask()).toEqual({ problem: expect.stringMatching(problem) });
});
