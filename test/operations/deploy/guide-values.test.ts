import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeJson } from "../../../lib/core/files/files";
import { renderArtifacts } from "../../../lib/model/openclaw/openclaw";
import { keepGuideNames } from "../../../lib/operations/deploy/guide-values";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

interface Circumstances {
  /** What differs in the user's config.json from what is declared; undefined: there is none. */
  readonly differing?: object | undefined;
  readonly settings?: object;
  readonly atTerminal?: boolean;
  readonly installed?: boolean;
}

function keep({ differing, settings = {}, atTerminal = true, installed }: Circumstances) {
  const root = scratchFolder();
  const [home, folder] = [join(root, "default"), join(root, "openclaw")] as const;
  for (const each of [home, folder]) mkdirSync(each, { mode: 0o700 });
  const all = { ...settings, openclaw: { folder, ...(settings as { openclaw?: object }).openclaw } };
  const path = join(home, "openrouter.settings.json");
  writeFileSync(path, JSON.stringify(all));
  const deployment = { ...describeInstance(all, { home }), settingsFile: path };
  if (differing)
    writeJson(join(folder, "config.json"), {
      ...JSON.parse(renderArtifacts(deployment)["config.json"]),
      ...differing,
    });
  if (installed) writeJson(deployment.home.installed, { folder, node: "/node", madeFolder: true, files: {} });
  const said: string[] = [];
  const confirm = atTerminal ? async () => true : undefined;
  const changed = keepGuideNames({ deployment, confirm, say: (line) => said.push(line) });
  const { instanceName, environment } = JSON.parse(readFileSync(path, "utf8")).openclaw;
  return { changed, said: said.join("\n"), instanceName, environment };
}

test("the host's names are kept, by the settings", () => {
  const { changed, said, ...written } = keep({
    differing: { instance_name: "oa-paris", environment: "lab" },
  });
  expect([changed, written]).toEqual([true, { instanceName: "oa-paris", environment: "lab" }]);
  expect(said).toContain("openclaw.instanceName is oa-paris now, as your instance_name");
  expect(said).not.toContain("replaced");
});

test("what is replaced is named, and changes no setting", () => {
  const { changed, said } = keep({ differing: { model: { default_model: "openai/gpt-5" } } });
  expect(changed).toBe(false);
  expect(said).toBe(
    "Of your config.json this is replaced by what the settings declare: model. A copy stays beside it.",
  );
});

test.each<[string, Circumstances]>([
  ["without a terminal", { atTerminal: false }],
  ["if the settings name the host", { settings: { openclaw: { instanceName: "openclaw" } } }],
])("%s a name is replaced, and that is said", (_, circumstances) => {
  const { changed, said } = keep({ differing: { instance_name: "oa-paris" }, ...circumstances });
  expect(changed).toBe(false);
  expect(said).toContain("declare: instance_name.");
});

test.each<[string, Circumstances]>([
  ["there is no file", {}],
  ["nothing differs", { differing: {} }],
  ["a file was installed before", { differing: { instance_name: "oa-paris" }, installed: true }],
])("nothing is said or written where %s", (_, circumstances) => {
  expect(keep(circumstances)).toEqual({ changed: false, said: "" });
});
