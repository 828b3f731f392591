import { readFileSync } from "node:fs";

interface LockedPackage {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>;
}

const { packages }: { readonly packages: Record<string, LockedPackage> } = JSON.parse(
  readFileSync("package-lock.json", "utf8"),
);

/** The path of the package that Node takes for a name, if it is asked for in the package at a path. */
function found(from: string, name: string): string | undefined {
  const path = `${from ? `${from}/` : ""}node_modules/${name}`;
  if (packages[path]) return path;
  return from ? found(from.slice(0, Math.max(0, from.lastIndexOf("/node_modules/"))), name) : undefined;
}

/** All that a package needs at run time, and what that needs in turn. */
function neededBy(path: string, needed = new Set<string>()): ReadonlySet<string> {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = packages[path]!;
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
    const next = peerDependenciesMeta?.[name]?.optional ? undefined : found(path, name);
    if (next && !needed.has(next)) neededBy(next, needed.add(next));
  }
  return needed;
}

// npm 9 believes the lock file, and npm 11 the packages: on a host without a registry the one asks for what the other left out.
test("what only development needs is marked so, and nothing else", () => {
  const needed = neededBy("");
  expect(needed.size).toBeGreaterThan(100);
  const marked = Object.keys(packages).filter((path) => packages[path]!.dev || packages[path]!.devOptional);
  const unmarked = Object.keys(packages).filter((path) => path && !marked.includes(path));
  expect([...unmarked].filter((path) => !needed.has(path))).toEqual([]);
  expect(marked.filter((path) => needed.has(path))).toEqual([]);
});
