import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join, resolve } from "node:path";
import { poll } from "../../lib/core/poll";
import { makeCopy } from "../../lib/host/program-copy";
import { LabHost, labHostMissing } from "../support/lab-host";
import { describeUnless } from "../support/skip";
import { isFull } from "./support/full";
import { program } from "./support/host";
import { outside } from "./support/package";

const sources = resolve(__dirname, "../..");
const reason = isFull ? labHostMissing() : "only in npm run test:full";
const rounds = 50;
const container = "openclaw-sandbox-vault";

/** What happens on a host whose owner changes nothing, as lines of shell; `oo` is the program. */
const life: readonly string[] = [
  "oo key rotate",
  "systemctl restart docker",
  `docker logs --tail 5 ${container}; docker exec ${container} vault kv get -field=api_key secret/openrouter; docker stats --no-stream`,
  "for name in check drift; do systemctl start openclaw-openrouter-$name-sandbox.service; done",
  "oo backup create",
  `docker restart ${container} && oo vault unseal`,
  "oo up",
  "oo vault login --ttl 5m",
  `docker run -d --name other --network none --entrypoint sleep $(docker inspect -f '{{.Image}}' ${container}) 60 &&
docker network create other && docker volume create other &&
docker rm -f other && docker network rm other && docker volume rm other`,
  "reboot",
];

/** A false alarm teaches its reader to read none. */
describeUnless(reason)("a host on which nothing goes wrong", () => {
  let host: LabHost;
  let prelude = "";

  beforeAll(async () => {
    const folder = mkdtempSync(join(process.env.TEST_FOLDER ?? "", "quiet-"));
    const [programs, bundle] = [join(folder, "programs"), join(folder, "bundle")];
    mkdirSync(programs);
    execFileSync("nsenter", [...outside(), process.execPath, program, "bundle", "--out", bundle], {
      stdio: "pipe",
    });
    const name = await makeCopy(programs, sources);
    prelude = `set -e; oo() { node /srv/programs/${name}/scripts/openclaw-openrouter.mjs "$@" --instance sandbox; }`;
    host = new LabHost(join(folder, "host"), "trixie", outside(), {
      "/srv/programs": programs,
      "/srv/bundle": bundle,
    });
    await host.boot();
    sh("oo up --bundle /srv/bundle && oo schedule add");
  }, 1_200_000);
  afterAll(() => host?.remove());

  const run = (line: string) => host.run(["sh", "-c", `${prelude}\n${line}`]);
  const sh = (line: string) => host.must(["sh", "-c", `${prelude}\n${line}`]);

  async function opened(): Promise<void> {
    const isOpen = () => run(`docker exec ${container} vault status`).code === 0 || undefined;
    if (!(await poll(isOpen, { every: 500, timeout: 120_000 }))) throw new Error("Vault stayed sealed");
  }

  test(`${rounds} rounds of ordinary life raise no alarm`, async () => {
    const alarms: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const event = life[round % life.length] ?? "";
      if (event === "reboot") await host.reboot();
      else sh(event);
      await opened();
      for (const command of ["check", "drift"]) {
        const { code, stdout, stderr } = run(`oo ${command}`);
        if (code !== 0) alarms.push(`${round} after ${event}: ${command} ${code}\n${stdout}${stderr}`);
      }
    }
    expect(alarms).toEqual([]);
  }, 5_400_000);
});
