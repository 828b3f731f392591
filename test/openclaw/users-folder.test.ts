import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const lib = join(__dirname, "../../lib");

/** What gets OpenClaw's folder, and yet reads files: none of them lies in that folder. */
const elsewhere: Readonly<Record<string, string>> = {
  "openclaw/installed.ts": "what was first found, in the instance directory",
  "openclaw/interpreter.ts": "whether a program is there",
  "openclaw/uninstall.ts": "the record, in the instance directory",
  "drift/probes/openclaw-resolver.ts": "whether the Node that the settings name is there",
  "drift/context.ts": "the state, in the instance directory",
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
