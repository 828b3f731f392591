import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeJson } from "../../../lib/core/files/files";
import { offerExistingVault } from "../../../lib/operations/deploy/existing-vault";
import type { ExistingVault, IdleContainer } from "../../../lib/session/detect-vault";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const guides: ExistingVault = { address: "http://127.0.0.1:8200", container: "vault" };

interface Circumstances {
  readonly found?: ExistingVault | IdleContainer | undefined;
  /** Undefined: nobody can be asked. */
  readonly answer?: boolean | undefined;
  readonly instance?: string;
  readonly settings?: object;
  /** Whether the instance has shares of its own. */
  readonly deployed?: boolean;
}

async function offer({ answer, instance = "default", settings, deployed, ...more }: Circumstances) {
  const home = join(scratchFolder(), instance);
  mkdirSync(home, { mode: 0o700 });
  const deployment = describeInstance(settings, { home, instance });
  const path = join(home, "openrouter.settings.json");
  if (settings) writeFileSync(path, JSON.stringify(settings));
  if (deployed) writeJson(deployment.home.shares, {});
  const asked: string[] = [];
  const said: string[] = [];
  const changed = offerExistingVault({
    deployment: { ...deployment, ...(settings ? { settingsFile: path } : {}) },
    confirm:
      answer === undefined
        ? undefined
        : async (question) => {
            asked.push(question);
            return answer;
          },
    say: (line) => said.push(line),
    find: async () => ("found" in more ? more.found : guides),
  });
  const text = () => readFileSync(path, "utf8");
  return { changed, asked, said, text };
}

test.each<[string, Circumstances]>([
  ["there is none", { found: undefined }],
  ["the instance has a Vault of its own", { deployed: true }],
  ["the settings name one", { settings: { vault: { address: "http://127.0.0.1:8200" } } }],
  ["the sandbox", { instance: "sandbox" }],
])("%s: nothing is asked, nothing stops", async (_, circumstances) => {
  const { changed, asked } = await offer({ ...circumstances, answer: true });
  expect(await changed).toBe(false);
  expect(asked).toEqual([]);
  expect(await (await offer(circumstances)).changed).toBe(false);
});

test("a yes writes address and container beside what the settings hold", async () => {
  const { changed, said, text } = await offer({ answer: true, settings: { budget: { hardLimitEur: 20 } } });
  expect(await changed).toBe(true);
  expect(JSON.parse(text())).toEqual({
    vault: { address: "http://127.0.0.1:8200", container: "vault" },
    budget: { hardLimitEur: 20 },
  });
  expect(said[0]).toContain("a Vault at http://127.0.0.1:8200, in the container vault");
});

test("a yes without a container and without a file makes one with the address alone", async () => {
  const { changed, text } = await offer({ answer: true, found: { address: guides.address } });
  expect(await changed).toBe(true);
  expect(text()).toBe('{ "vault": { "address": "http://127.0.0.1:8200" } }\n');
});

test.each<[string, Circumstances, string, string]>([
  ["a no", { answer: false }, "it is not to be used", '"container":"vault"'],
  ["nobody to ask", {}, "nobody can be asked here", '"container":"vault"'],
  [
    "TLS, whose CA only a person knows",
    { answer: true, found: { address: "https://127.0.0.1:8200" } },
    "only a person",
    '"caFile":"/path/to/ca.pem"',
  ],
  [
    "settings of an own Vault",
    { answer: true, settings: { vault: { port: 8300 } } },
    "only a person",
    "8210",
  ],
])("%s stops with both ways, and writes nothing", async (_, circumstances, why, using) => {
  const { changed, text } = await offer(circumstances);
  const error = await changed.catch((thrown) => thrown);
  expect(error).toMatchObject({ exitCode: 64 });
  for (const part of [why, using, '{"vault":{"container":"vault-default","port":8210}}'])
    expect(error.message).toContain(part);
  if (circumstances.settings) expect(JSON.parse(text())).toEqual(circumstances.settings);
  else expect(text).toThrow();
});

test.each([
  ["exited", "docker start vault"],
  ["paused", "docker unpause vault"],
  ["restarting", "docker logs --tail 50 vault"],
])("a container of its name that is %s stops before anything is asked", async (state, begin) => {
  const { changed, asked } = await offer({ answer: true, found: { container: "vault", state } });
  const error = await changed.catch((thrown) => thrown);
  expect(error).toMatchObject({ exitCode: 64 });
  for (const part of [state, begin, '{"vault":{"container":"vault-default","port":8210}}'])
    expect(error.message).toContain(part);
  expect(asked).toEqual([]);
});
