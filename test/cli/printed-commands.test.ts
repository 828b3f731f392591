import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exportLine } from "../../lib/session/how-to-reach-vault";
import { wayToEnd } from "../../lib/store/records/replacing-record";
import { sources } from "../support/sources";

/** A path of a person's own, as an editor or another system leaves it. */
const odd = "/mnt/Ada's backups/of $HOME; now.tar";

/** The words of which a shell would make a command. */
function words(command: string): string[] {
  return execFileSync("sh", ["-c", `for word in ${command}; do printf '%s\\0' "$word"; done`], {
    encoding: "utf8",
  })
    .split("\0")
    .slice(0, -1);
}

test("a printed command keeps a path of a person's own as one word", () => {
  const record = { command: "restore", backup: odd } as Parameters<typeof wayToEnd>[0];
  const [command = ""] = wayToEnd(record).split("\n");
  expect(words(command)).toEqual(["openclaw-openrouter", "restore", "--from", odd]);
  const line = exportLine({ address: "https://127.0.0.1:8200", caFile: odd, namespace: "a b" });
  expect(words(line)).toEqual([
    "export",
    "VAULT_ADDR=https://127.0.0.1:8200",
    `VAULT_CACERT=${odd}`,
    "VAULT_NAMESPACE=a b",
  ]);
});

/** Scripts that run in a container, on folders of this program. */
const inContainer = ["lib/docker/volumes.ts", "lib/vault/container/vault-container.ts"];
const template = /`[^`\n]*`?/g;
const value = /\$\{([^}]*)\}/g;
const isPath = /(path|file|folder|home|root|place|database|config|backup|socket|dir|target|rendered)\b/i;
/** What is before a value in the same sentence. */
const isCommand =
  /\b(rm|chmod|chown|setfacl|mv|cp|cd|ls|df|cat|sqlite3|install|export|sudo|restore|--[a-z]\w[\w-]*)\b[^.:,]*$/;

/** The paths that a line puts unquoted into a command. */
function unquoted(line: string): string[] {
  return [...line.matchAll(template)].flatMap(([text]) =>
    [...text.matchAll(value)]
      .filter(({ 1: name = "", index }) => isPath.test(name) && isCommand.test(text.slice(0, index)))
      .flatMap(({ 1: name = "" }) => (name.startsWith("quote(") ? [] : [name])),
  );
}

test("no text puts a path unquoted into a command", () => {
  const found = sources("lib")
    .filter((file) => !inContainer.includes(file))
    .flatMap((file) =>
      readFileSync(join(__dirname, "../..", file), "utf8")
        .split("\n")
        .flatMap((line) => unquoted(line).map((name) => `${file}: ${name}`)),
    );
  expect(found).toEqual([]);
  // That is seen.
  expect(unquoted("fix: `chmod 700 ${home}`")).toEqual(["home"]);
  expect(unquoted("fix: `Remove it: rm ${quote(path)}`")).toEqual([]);
});
