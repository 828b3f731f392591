import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { writePublicFile } from "../../lib/store/public-folder";
import { scratchFolder } from "../support/folder";
import { describeAsRoot } from "../support/skip";

const mode = (path: string) => statSync(path).mode & 0o777;

test("a public file can be read by everybody, whatever the umask was", () => {
  const folder = join(scratchFolder(), "new");
  writePublicFile(join(folder, "default-ca.pem"), "CA");
  expect([mode(folder), mode(join(folder, "default-ca.pem"))]).toEqual([0o755, 0o644]);
  expect(readFileSync(join(folder, "default-ca.pem"), "utf8")).toBe("CA");
});

describeAsRoot("in a folder of another user", () => {
  test("root writes none, and changes no permission where that user's link leads", () => {
    const [theirs, roots] = [scratchFolder(), scratchFolder()];
    chownSync(theirs, 65_534, 65_534);
    symlinkSync(roots, join(theirs, "link"));
    mkdirSync(join(theirs, "public"));
    chmodSync(join(theirs, "public"), 0o700);
    for (const name of ["link", "public"]) {
      const path = join(theirs, name, "default-ca.pem");
      expect(() => writePublicFile(path, "CA")).toThrow(
        /belongs to uid 65534[\s\S]*OPENCLAW_OPENROUTER_PUBLIC/,
      );
      expect([existsSync(path), mode(join(theirs, name))]).toEqual([false, 0o700]);
    }
  });

  test("root makes no folder either, by that user's link or in their folder", () => {
    const [theirs, roots] = [scratchFolder(), scratchFolder()];
    chownSync(theirs, 65_534, 65_534);
    symlinkSync(roots, join(theirs, "link"));
    for (const path of ["link/new/default-ca.pem", "new/deep/default-ca.pem"])
      expect(() => writePublicFile(join(theirs, path), "CA")).toThrow(/belongs to uid 65534/);
    expect([readdirSync(theirs), readdirSync(roots)]).toEqual([["link"], []]);
  });
});
