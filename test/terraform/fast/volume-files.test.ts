import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readVolumeFiles } from "../../../lib/terraform/fast/volume-files";
import { scratchFolder } from "../../support/folder";

afterEach(() => {
  delete process.env.OPENCLAW_OPENROUTER_PLAIN;
});

test("nothing is read for whoever wants no shortcut: the engine is asked", () => {
  const folder = scratchFolder();
  writeFileSync(join(folder, "helper"), "#!/bin/sh\n");
  process.env.OPENCLAW_OPENROUTER_PLAIN = "1";
  expect(readVolumeFiles(folder, ["helper"])).toEqual(new Map());
});

test("a volume's files are read with their mode and owner", () => {
  const folder = scratchFolder();
  writeFileSync(join(folder, "helper"), "#!/bin/sh\n");
  chmodSync(join(folder, "helper"), 0o700);
  expect([...readVolumeFiles(folder, ["helper"]).values()]).toEqual([
    { name: "helper", content: "#!/bin/sh\n", mode: 0o700, uid: process.getuid?.() },
  ]);
});

test("a file in a folder is read, and by no link instead of that folder or of one above it", () => {
  const folder = scratchFolder();
  const outside = scratchFolder();
  for (const place of [folder, outside]) {
    mkdirSync(join(place, "a/tls"), { recursive: true });
    writeFileSync(join(place, "a/tls/key"), place);
  }
  const content = () => readVolumeFiles(folder, ["a/tls/key"]).get("a/tls/key")?.content;
  expect(content()).toBe(folder);
  rmSync(join(folder, "a/tls"), { recursive: true });
  symlinkSync(join(outside, "a/tls"), join(folder, "a/tls"));
  expect(content()).toBeUndefined();
  rmSync(join(folder, "a"), { recursive: true });
  symlinkSync(join(outside, "a"), join(folder, "a"));
  expect(content()).toBeUndefined();
  expect(readVolumeFiles(folder, ["../x", "a/../a/tls/key", "/etc/hostname"])).toEqual(new Map());
});

test("what is no plain file of a size of ours is left out, and holds nobody up", () => {
  const folder = scratchFolder();
  writeFileSync(join(folder, "elsewhere"), "of the host");
  symlinkSync(join(folder, "elsewhere"), join(folder, "link"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  writeFileSync(join(folder, "long"), Buffer.alloc(1024 * 1024));
  expect(readVolumeFiles(folder, ["link", "pipe", "long", "absent", "."])).toEqual(new Map());
  expect(readVolumeFiles(join(folder, "absent"), ["elsewhere"])).toEqual(new Map());
});
