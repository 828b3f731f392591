import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkIds } from "../../lib/config/check-ids";

/** `area.thing`, and behind a colon which one it is of several. */
const form = /^[a-z]+(-[a-z]+)*(\.[A-Za-z-]+)+(:.+)?$/;

test("ids of checks are of the form area.thing", () => {
  expect(checkIds.filter((id) => !form.test(id))).toEqual([]);
});

test("and so are those of drift's findings", () => {
  const folder = "lib/drift";
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const ids = files.flatMap((name) =>
    [
      ...readFileSync(join(folder, name), "utf8").matchAll(/(?:\bid: |\b(?:drift|gone)\(\s*)["`](.+?)["`]/g),
    ].map(([, id]) => id!.replaceAll(/\$\{.*?\}/g, "x")),
  );
  expect(ids.length).toBeGreaterThan(40);
  expect(ids.filter((id) => !form.test(id))).toEqual([]);
});
