import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readKeyRecord, writeKeyRecord } from "../../lib/store/records/key-record";
import { DriftBed } from "./support/drift-bed";
import { describeInFull } from "./support/full";

/** What `drift --fix` does where more than one thing drifted. */
describeInFull("drift --fix", () => {
  const bed = new DriftBed();
  const { host } = bed;
  const inFolder = (name: string) => join(host.userHome, ".openclaw", name);
  const fix = () => host.run(["drift", "--fix", "--yes"]);
  const modeOf = (path: string) => statSync(path).mode & 0o777;

  beforeAll(() => bed.deploy());
  afterAll(() => bed.remove());

  test("fixes several at once, in rounds", async () => {
    await bed.run(
      [
        `echo 'path "secret/*" { capabilities = ["read"] }' | as_root policy write openclaw-reader -`,
        "as_root token create -policy=root -orphan",
        "docker update --cpus 0.5 $C",
        "chmod 644 $OPENCLAW/openrouter.json5",
        "rm $OPENCLAW/config.json",
        "docker stop $C",
      ].join("\n"),
    );
    expect(await fix()).toMatchObject({ code: 0 });
    const { report } = await bed.drift();
    expect(report).toMatchObject({ outcome: "clean", findings: [], skipped: [] });
  });

  test("fixes the rest where something is left to a person", async () => {
    const [guide, fragment] = [inFolder("config.json"), inFolder("openrouter.json5")];
    const before = readFileSync(guide);
    truncateSync(guide);
    await bed.run(
      "chmod 644 $OPENCLAW/openrouter.json5 && as_root kv metadata put -max-versions=3 secret/openrouter",
    );
    try {
      expect(await fix()).toMatchObject({ code: 2 });
      const { report } = await bed.drift();
      expect(report.findings).toMatchObject([{ id: "openclaw.guide.content", fix: { by: "person" } }]);
      expect(modeOf(fragment)).toBe(0o600);
      expect(readFileSync(guide, "utf8")).toBe("");
    } finally {
      writeFileSync(guide, before);
    }
    expect((await bed.drift()).code).toBe(0);
  });

  test("counts the age of an accepted key from its own first day", async () => {
    const since = "2026-01-01T00:00:00.000Z";
    writeKeyRecord(bed.home, { ...readKeyRecord(bed.home), since });
    await bed.run("as_root kv put secret/openrouter api_key=$OTHER_KEY");
    try {
      await host.mustRun(["drift", "--fix", "--yes", "--key", "stored"]);
      expect(readKeyRecord(bed.home).since).not.toBe(since);
    } finally {
      await bed.run("OPENROUTER_API_KEY=$KEY oo up --replace-key");
    }
  });
});
