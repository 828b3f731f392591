import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { accountOf } from "../../lib/core/system/os-user";
import { Refused } from "../../lib/openclaw/folder/refused";
import { UsersFolder } from "../../lib/openclaw/folder/users-folder";
import { scratchFolder } from "../support/folder";
import { describeAsRoot } from "../support/skip";

const lib = join(__dirname, "../../lib");

/** What gets OpenClaw's folder, and yet reads files: none of them lies in that folder. */
const elsewhere: Readonly<Record<string, string>> = {
  "openclaw/gateway/ask.ts": "a link in a temporary folder of that user, made as that user",
  "openclaw/installed.ts": "what was first found, in the instance directory",
  "openclaw/interpreter.ts": "whether a program is there",
  "openclaw/uninstall.ts": "the record, in the instance directory",
  "drift/probes/openclaw-resolver.ts": "whether the Node that the settings name is there",
  "drift/context.ts": "the state, in the instance directory",
  "operations/deploy/openclaw-user.ts": "the settings file",
};

/** Names by which a source gets to a path in OpenClaw's folder. */
const getsThere =
  /\b(openclawFolder|openclawPaths|openclawNames|installParametersOf|readInstalled|UsersFolder|overridesIn)\b/;

test("nothing but one module has the file system's calls for what lies in OpenClaw's folder", () => {
  const offenders = readdirSync(lib, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.startsWith("openclaw/folder/"))
    .filter((file) => {
      const source = readFileSync(join(lib, file), "utf8");
      const isConcerned = file.startsWith("openclaw/") || getsThere.test(source);
      const importsCalls = /import (?!type)[^;]*? from "(node:)?fs(\/promises)?"|require\("(node:)?fs/.test(
        source,
      );
      return isConcerned && importsCalls && !(file in elsewhere);
    });
  expect(offenders).toEqual([]);
});

test("a folder that takes no permissions is refused by name, as one of a read-only file system", () => {
  const close = () => UsersFolder.with("/proc/self", accountOf(), (opened) => opened?.setOwnMode(0o700));
  expect(close).toThrow(Refused);
  expect(close).toThrow(/\/proc\/self.*EPERM/s);
});

describeAsRoot("in another user's folder", () => {
  const nobody = accountOf("nobody");
  const isPlaced = (bytes: Buffer) => bytes.toString() === "placed";
  let place: string;
  let folder: string;
  const inIt = <T>(work: (opened: UsersFolder) => T) =>
    UsersFolder.with(folder, nobody, (opened) => work(opened as UsersFolder));

  beforeEach(() => {
    place = scratchFolder();
    chmodSync(place, 0o755);
    folder = join(place, "openclaw");
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, nobody.uid, nobody.gid);
  });

  test("a file of root's is given to the user only if it is what was placed", () => {
    for (const text of ["placed", "a secret of root's"])
      writeFileSync(join(folder, text), text, { mode: 0o600 });
    inIt((opened) => {
      for (const name of ["placed", "a secret of root's"]) opened.give(name, isPlaced);
    });
    expect(statSync(join(folder, "placed")).uid).toBe(nobody.uid);
    expect(statSync(join(folder, "a secret of root's")).uid).toBe(0);
  });

  test("a file that is open to a group is not opened to another one, if that group cannot be kept", () => {
    const file = join(folder, "openclaw.json");
    writeFileSync(file, "before");
    chownSync(file, nobody.uid, 4242);
    chmodSync(file, 0o640);
    // The user alone is not in that group.
    const getuid = jest.spyOn(process, "getuid").mockReturnValue(nobody.uid);
    inIt((opened) => opened.write("openclaw.json", "after", 0o640));
    getuid.mockRestore();
    expect(readFileSync(file, "utf8")).toBe("after");
    expect(statSync(file)).toMatchObject({ gid: nobody.gid, mode: 0o100600 });
  });

  test("a link or a second name of what is root's is not given to the user, whatever it holds", () => {
    const [linked, named] = [join(place, "linked"), join(place, "named")];
    for (const path of [linked, named]) writeFileSync(path, "placed");
    symlinkSync(linked, join(folder, "link"));
    linkSync(named, join(folder, "name"));
    inIt((opened) => {
      for (const name of ["link", "name"]) opened.give(name, isPlaced);
    });
    expect([linked, named].map((path) => statSync(path).uid)).toEqual([0, 0]);
  });

  test("what is written goes into the folder that was opened, though another has its name by then", () => {
    const roots = join(place, "roots");
    mkdirSync(roots, { mode: 0o777 });
    chmodSync(roots, 0o777);
    inIt((opened) => {
      process.seteuid?.(0);
      renameSync(folder, `${folder}.away`);
      symlinkSync(roots, folder);
      process.seteuid?.(nobody.uid);
      opened.write("config.json", "text", 0o600);
    });
    expect(readdirSync(roots)).toEqual([]);
    expect(readdirSync(`${folder}.away`)).toEqual(["config.json"]);
  });

  test("a file of more than a configuration's size, or one that grows, is not read", () => {
    const path = join(folder, "large");
    writeFileSync(path, Buffer.alloc(1024 * 1024 + 1));
    chownSync(path, nobody.uid, nobody.gid);
    expect(() => inIt((opened) => opened.read("large"))).toThrow(/1048577 bytes/);
  });
});
