import { mkdirSync, mkdtempSync } from "node:fs";
import { join, resolve } from "node:path";
import { openBundle } from "../../lib/bundle/bundle";
import { findProgram } from "../../lib/core/system/find-program";
import { makeCopy } from "../../lib/host/program-copy";
import { inHost, type Parts } from "../hosts/parts";
import { prepareBare } from "../hosts/prepare";
import { rows } from "../hosts/rows";
import { Site } from "../hosts/site";
import { drift } from "../hosts/steps/drift";
import { engine, reboot } from "../hosts/steps/restarts";
import { up } from "../hosts/steps/up";
import { verification } from "../hosts/steps/verify";
import { labHostMissing } from "../support/lab-host";
import { describeUnless } from "../support/skip";
import { program } from "./support/host";
import { outside } from "./support/package";

/** The first row of the table of hosts (`npm run test:hosts`), by an installed copy with what it needs in its cache. */
describeUnless(labHostMissing())("a whole host of Debian 13", () => {
  const row = { ...rows[0]!, from: "copy" as const };
  let site: Site;
  jest.setTimeout(600_000);

  beforeAll(async () => {
    const folder = mkdtempSync(join(process.env.TEST_FOLDER ?? "", "whole-"));
    const programs = join(folder, "programs");
    mkdirSync(programs);
    const terraform = findProgram("terraform") ?? "";
    const parts: Parts = {
      program: await makeCopy(programs, resolve(program, "../..")),
      identity: "",
      outside: outside(),
      bindsOf: async () => ({
        [inHost.programs]: programs,
        "/usr/local/bin/terraform": terraform,
        "/root/.cache/openclaw-openrouter/bundle": openBundle({ env: process.env }).folder,
      }),
    };
    site = await Site.of(row, parts, join(folder, "host"));
    await prepareBare(site);
  });
  afterAll(() => site?.remove());

  test("is deployed, and has Vault unsealed by itself", async () => {
    await up.run(site);
    site.must("schedule add unseal");
  });

  test.each([verification, engine, reboot, drift].map((step) => [step.title, step] as const))(
    "%s",
    async (_, step) => {
      await step.run(site);
    },
  );
});
