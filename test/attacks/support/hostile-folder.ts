import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { openclawNames } from "../../../lib/model/openclaw/openclaw-paths";

/** The attacker: `nobody`. */
export const attacker = 65534;
/** What stands in files that the attacker may not read, and that must come out nowhere. */
export const secretText = "CANARY-OF-ROOT";

/** Repeatable chance. */
export class Dice {
  constructor(private state: number) {}
  below(limit: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }
  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

/** What root has, and no run may read, write or give away. */
export class Outside {
  readonly folder: string;
  constructor(place: string) {
    this.folder = join(place, "outside");
    mkdirSync(join(this.folder, "service", openclawNames.own), { recursive: true });
    const names = [...Object.values(openclawNames).filter((name) => name !== openclawNames.own), "secret"];
    for (const folder of [
      this.folder,
      join(this.folder, "service"),
      join(this.folder, "service", openclawNames.own),
    ]) {
      for (const name of names) {
        // Of a form that would be taken, told of and copied, if it were read.
        const text = `{ "${secretText}": 1, "agents": { "defaults": { "model": "${secretText}" } } }\n`;
        writeFileSync(join(folder, name), text, { mode: name === "secret" ? 0o600 : 0o640 });
      }
      chmodSync(folder, 0o755);
    }
  }

  /** All that a write, a change of owner or of mode, or a removal would change. A removed second name of the attacker's is none. */
  snapshot(): string {
    const entries = readdirSync(this.folder, { recursive: true, encoding: "utf8" }).sort();
    return ["", ...entries]
      .map((name) => {
        const { ino, uid, gid, mode, size, mtimeMs } = lstatSync(join(this.folder, name));
        return [name, ino, uid, gid, mode, size, mtimeMs].join(" ");
      })
      .join("\n");
  }
}

/** Pipes, sockets and devices take a program each: they are made together, and moved to where they are wanted. */
export class OddFiles {
  private readonly left: Record<"pipe" | "device" | "socket", string[]> = {
    pipe: [],
    device: [],
    socket: [],
  };
  private batch = 0;
  constructor(private readonly place: string) {
    this.fill();
  }
  private fill(): void {
    const place = join(this.place, `${this.batch++}`);
    mkdirSync(place, { recursive: true });
    const script = `
      import os, socket, stat
      os.chdir(${JSON.stringify(place)})
      for i in range(200):
        os.mkfifo("pipe%d" % i)
        os.mknod("device%d" % i, 0o666 | stat.S_IFCHR, os.makedev(1, 5))
        s = socket.socket(socket.AF_UNIX); s.bind("socket%d" % i); s.close()
    `.replace(/^ {6}/gm, "");
    execFileSync("python3", ["-c", script]);
    for (const kind of ["pipe", "device", "socket"] as const)
      this.left[kind] = Array.from({ length: 200 }, (_, i) => join(place, `${kind}${i}`));
  }
  put(kind: "pipe" | "device" | "socket", path: string): void {
    if (this.left[kind].length === 0) this.fill();
    const from = this.left[kind].pop() ?? "";
    lchownSync(from, attacker, attacker);
    renameSync(from, path);
  }
}

const deep = "[".repeat(300_000);
const wide = `[${"1,".repeat(400_000)}1]`;

/** What may stand instead of any file. */
const kinds: readonly ((path: string, dice: Dice, outside: Outside, odd: OddFiles) => void)[] = [
  (path, dice, { folder }) =>
    symlinkSync(
      dice.of([
        `${folder}/secret`,
        `${folder}/service/openclaw.json`,
        `${folder}/service`,
        "/dev/zero",
        "/dev/stdin",
        "nowhere",
        path,
        "..",
        ".",
      ]),
      path,
    ),
  (path, _, __, odd) => odd.put("pipe", path),
  (path, _, __, odd) => odd.put("socket", path),
  (path, _, __, odd) => odd.put("device", path),
  (path, dice) => {
    const handle = openSync(path, "w");
    ftruncateSync(handle, dice.of([2_000_000, 3_000_000_000, 1024 * 1024, 1024 * 1024 + 1]));
    closeSync(handle);
    chownSync(path, attacker, attacker);
  },
  (path, _, { folder }) => linkSync(`${folder}/secret`, path),
  (path, _, { folder }) => linkSync(`${folder}/service/openclaw.json`, path),
  (path) => mkdirSync(path, { mode: 0o700 }),
  (path, dice) => writeFileSync(path, `{ "${secretText}": 1 }`, { mode: dice.of([0o600, 0o644]) }),
  (path, dice) =>
    theirs(path, dice.of([deep, wide, "", "{", "\0", "null", "/**/".repeat(100_000), `{ "a": ${deep}`])),
  (path, dice) => theirs(path, "{}", dice.of([0o000, 0o200, 0o777, 0o4755])),
  (path, dice, { folder }) => theirs(path, includes(dice, folder)),
  (path, dice, { folder }) =>
    theirs(path, `{ agents: { $include: ${JSON.stringify(target(dice, folder))} } }`),
  (path) => {
    theirs(path, "{}");
    rmSync(`${path}.twin`, { force: true });
    linkSync(path, `${path}.twin`);
  },
];

function theirs(path: string, text: string, mode = 0o600): void {
  writeFileSync(path, text);
  chownSync(path, attacker, attacker);
  chmodSync(path, mode);
}

function target(dice: Dice, outside: string): string {
  return dice.of([
    "./openclaw.json",
    "./a.json5",
    "./b/c.json5",
    "./b/../a.json5",
    `${outside}/secret`,
    `../../outside/secret`,
    "/dev/zero",
    "/proc/self/environ",
    "b",
    ".",
    "",
    "x".repeat(300),
    "\0",
    "./openrouter.json5",
  ]);
}

function includes(dice: Dice, outside: string): string {
  const list = Array.from({ length: 1 + dice.below(8) }, () => target(dice, outside));
  return JSON.stringify({ $include: list, gateway: { mode: "local" } });
}

/** Changes some things in a folder, as its user could or as an accident would. */
export function mutate(folder: string, dice: Dice, outside: Outside, odd: OddFiles): void {
  const { own, resolver, roleId, secretId, guide, gateway, fragment } = openclawNames;
  const places = [
    guide,
    gateway,
    fragment,
    own,
    join(own, resolver),
    join(own, roleId),
    join(own, secretId),
    "a.json5",
    "b",
    join("b", "c.json5"),
    "config.json.bak-20260101T000000000Z",
    "openclaw.json.bak-20260101T000000000Z",
    "line\nbreak\u001b[31m",
  ];
  for (let left = 1 + dice.below(5); left > 0; left--) {
    const path = join(folder, dice.of(places));
    if (!isFolder(dirname(path))) continue;
    rmSync(path, { recursive: true, force: true });
    dice.of(kinds)(path, dice, outside, odd);
  }
  if (dice.below(4) === 0) mutateFolder(folder, dice, outside, odd);
}

/** The folder itself. */
function mutateFolder(folder: string, dice: Dice, outside: Outside, odd: OddFiles): void {
  dice.of([
    () => chmodSync(folder, dice.of([0o000, 0o777, 0o500, 0o100])),
    () => chownSync(folder, 0, 0),
    () => chownSync(folder, 1234, 1234),
    () => {
      renameSync(folder, `${folder}.real`);
      symlinkSync(`${folder}.real`, folder);
    },
    () => replace(folder, () => symlinkSync(join(outside.folder, "service"), folder)),
    () => replace(folder, () => symlinkSync(folder, folder)),
    () => replace(folder, () => symlinkSync("nowhere", folder)),
    () => replace(folder, () => odd.put("pipe", folder)),
    () => replace(folder, () => theirs(folder, "")),
  ])();
}

function replace(path: string, make: () => void): void {
  rmSync(path, { recursive: true, force: true });
  make();
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Whether root's secret came into a file that the attacker owns. */
export function holdsSecret(folder: string): boolean {
  return readdirSync(folder).some((name) => {
    const path = join(folder, name);
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (entry?.isDirectory()) return holdsSecret(path);
    if (!entry?.isFile() || entry.uid !== attacker || entry.size > 2_000_000) return false;
    return readFileSync(path, "utf8").includes(secretText);
  });
}
