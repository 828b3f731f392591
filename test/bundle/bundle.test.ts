import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildParts } from "../../lib/bundle/build-bundle";
import { type Bundle, missingParts, partFolder } from "../../lib/bundle/bundle";
import { bundleParts, goVersion, partKey, partNames } from "../../lib/bundle/bundle-parts";
import { nextPart } from "../../lib/bundle/bundle-schedule";
import { buildsBundle } from "../../lib/bundle/go";
import { cacheRoot } from "../../lib/core/system/cache-root";
import { packageRoot } from "../../lib/core/system/package-root";
import { compareVersions } from "../../lib/core/version";
import { failure, scratchFolder, script } from "../host/support";

const root = scratchFolder();
const sources = join(packageRoot(), "bundle");
const platform = { os: "linux", arch: "amd64" } as const;

/** A Go that writes down how it was called and "builds" what it is told to. */
function fakeGo(name: string, build: string, version = "go1.26.8", toolchain = "local"): NodeJS.ProcessEnv {
  const folder = join(root, name);
  script(
    join(folder, "go"),
    `case "$1" in
env) echo ${version}; echo ${toolchain};;
list) echo ${folder}/module;;
build)
  out=; while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
  ${build};;
esac`,
  );
  script(join(folder, "module/.release/docker/docker-entrypoint.sh"), "exec true");
  return { PATH: `${folder}:/usr/bin:/bin`, HOME: root, LOG: join(folder, "log") };
}

function bundleIn(name: string): Bundle {
  return { folder: join(root, name), sources, platform };
}

test("the cache root: our own variable, the XDG one, the home", () => {
  expect(cacheRoot({ HOME: "/h", OPENCLAW_OPENROUTER_CACHE: "/c" })).toBe("/c");
  expect(cacheRoot({ HOME: "/h", XDG_CACHE_HOME: "/x" })).toBe("/x/openclaw-openrouter");
  expect(cacheRoot({ HOME: "/h" })).toBe("/h/.cache/openclaw-openrouter");
});

describe("the key of a part", () => {
  const copy = join(root, "sources");
  beforeEach(() => cpSync(sources, copy, { recursive: true }));
  afterEach(() => rmSync(copy, { recursive: true }));

  test("is the same for the same sources anywhere, and names part and version", () => {
    expect(partKey(copy, "vault", platform)).toBe(partKey(sources, "vault", platform));
    expect(partKey(copy, "vault", platform)).toMatch(/^vault-1\.21\.2-amd64-[0-9a-f]{12}$/);
  });

  test.each(["go.mod", "go.sum", "main.go"])("changes with %s, and only that part's", (file) => {
    appendFileSync(join(copy, "vault", file), "\n// changed\n");
    expect(partKey(copy, "vault", platform)).not.toBe(partKey(sources, "vault", platform));
    expect(partKey(copy, "opentofu", platform)).toBe(partKey(sources, "opentofu", platform));
  });

  test("differs between platforms", () => {
    expect(partKey(copy, "vault", { os: "linux", arch: "arm64" })).not.toBe(partKey(copy, "vault", platform));
  });
});

test("no module asks for a newer Go than the one that is checked for", () => {
  for (const name of partNames) {
    const wanted = /^go (\S+)/m.exec(readFileSync(join(sources, name, "go.mod"), "utf8"))?.[1] ?? "";
    expect(compareVersions(wanted, goVersion)).toBeLessThanOrEqual(0);
  }
});

describe("building", () => {
  test("makes the missing parts only, with the user's Go settings out of the way", async () => {
    const bundle = bundleIn("plain");
    const env: NodeJS.ProcessEnv = {
      ...fakeGo("go-plain", 'echo "$GOFLAGS|$CGO_ENABLED|$GOWORK|$GOOS" >>"$LOG"; echo built >"$out"'),
      GOFLAGS: "-mod=vendor -race",
      GOWORK: "/w",
      GOOS: "plan9",
    };
    const lines: string[] = [];
    await buildParts(bundle, ["provider-local", "vault"], { env, progress: (line) => lines.push(line) });
    expect(missingParts(bundle)).toEqual(["opentofu", "provider-docker", "provider-vault"]);
    expect(readdirSync(partFolder(bundle, "vault")).sort()).toEqual(["docker-entrypoint.sh", "vault"]);
    expect(readFileSync(env.LOG ?? "", "utf8")).toBe("-mod=readonly -buildvcs=false|0|off|linux\n".repeat(2));
    expect(lines.some((line) => /building vault 0s.*; 2 of 2 to go/.test(line))).toBe(true);
    expect(lines.some((line) => /; 1 of 2 to go/.test(line))).toBe(true);

    await buildParts(bundle, ["provider-local", "vault"], { env: { PATH: "/nowhere" } });
  });

  test("a failed build leaves no half a binary, ends the others and says why", async () => {
    const bundle = bundleIn("failing");
    const env = fakeGo(
      "go-failing",
      'echo half >"$out"; case "$out" in *vault) echo "write: no space left on device" >&2; exit 1;; *) exec sleep 60;; esac',
    );
    const message = await failure(() => buildParts(bundle, ["vault", "opentofu"], { env }));
    expect(message).toContain("bundle's vault could not be built");
    expect(message).toContain("no space left on device");
    expect(message).toContain("make room");
    expect(readdirSync(bundle.folder)).toEqual([]);
  });

  test("an interrupted build leaves nothing either", async () => {
    const bundle = bundleIn("interrupted");
    const stop = new AbortController();
    const env = fakeGo("go-slow", 'echo half >"$out"; echo started >&2; exec sleep 60');
    const building = buildParts(bundle, ["provider-local"], { env, signal: stop.signal });
    const half = () =>
      readdirSync(bundle.folder).some((name) =>
        existsSync(join(bundle.folder, name, bundleParts["provider-local"].file)),
      );
    while (!existsSync(bundle.folder) || !half()) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await expect(building).rejects.toMatchObject({ name: "AbortError" });
    expect(readdirSync(bundle.folder)).toEqual([]);
  });

  test("no Go, or one that is too old, is reported with a fix", async () => {
    const bundle = bundleIn("no-go");
    const none = await failure(() =>
      buildParts(bundle, ["vault"], { env: { PATH: join(root, "empty"), HOME: root } }),
    );
    expect(none).toContain("no Go on PATH");
    expect(none).toContain("--bundle DIR");
    const old = await failure(() =>
      buildParts(bundle, ["vault"], { env: fakeGo("go-old", "exit 1", "go1.22.1") }),
    );
    expect(old).toContain("Go 1.22.1");
    expect(old).toContain(goVersion);
    expect(buildsBundle({ version: "1.22.1", fetchesNewer: true })).toBe(true);
  });
});

describe("what is built next", () => {
  test("the longest first, as many as there are processors", () => {
    expect(nextPart(partNames, [], { megabytes: 64_000, processors: 2 })).toBe("vault");
    expect(nextPart(["provider-local", "opentofu"], ["vault"], { megabytes: 64_000, processors: 2 })).toBe(
      "opentofu",
    );
    expect(
      nextPart(["provider-local"], ["vault", "opentofu"], { megabytes: 64_000, processors: 2 }),
    ).toBeUndefined();
  });

  test("only what fits into the memory beside the others, but never nothing at all", () => {
    const limits = { megabytes: 4000, processors: 8 };
    expect(nextPart(["opentofu", "provider-local"], ["vault"], limits)).toBe("provider-local");
    expect(nextPart(["opentofu"], ["vault"], limits)).toBeUndefined();
    expect(nextPart(["vault"], [], { megabytes: 500, processors: 1 })).toBe("vault");
  });
});
