import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { readTextIfThere } from "../core/files/files";
import type { StackName } from "../model/home-paths";
import { installedProviders, lockFile } from "./installed-providers";

/** A stack that is initialised, and whose state is a file of this host. */
export interface InitializedStack {
  readonly name: StackName;
  /** The synthesized stack, and its lock of providers. */
  readonly folder: string;
  /** What Terraform has installed for it. */
  readonly dataFolder: string;
  readonly stateFile: string;
}

export interface JoinedStacks {
  readonly dataFolder: string;
  /** Which resources are of which stack, declared or applied, by their addresses. */
  readonly addresses: ReadonlyMap<StackName, ReadonlySet<string>>;
}

/** What is read of CDKTF's JSON; all else is taken over unchanged. */
const declaration = z.looseObject({
  terraform: z.looseObject({ required_providers: z.record(z.string(), z.unknown()).default({}) }),
  resource: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

const state = z.looseObject({
  version: z.literal(4),
  resources: z.array(z.looseObject({ type: z.string(), name: z.string() })),
});

/**
 * Makes one stack of several, for a plan of them all: Terraform starts once, and reads once what its providers can do. It is
 * only to be looked at, as its state is a copy.
 * @param folder an empty one, of this user alone
 * @throws Error where a file of theirs is missing, or is not what it is to be
 */
export function joinStacks(stacks: readonly InitializedStack[], folder: string): JoinedStacks {
  const dataFolder = join(folder, "data");
  const addresses = new Map<StackName, ReadonlySet<string>>();
  const requiredProviders: Record<string, unknown> = {};
  const locks: string[] = [];
  const states: z.output<typeof state>[] = [];
  mkdirSync(folder);
  for (const stack of stacks) {
    const { terraform, ...declared } = declaration.parse(readJson(join(stack.folder, "cdk.tf.json")));
    const applied = state.parse(readJson(stack.stateFile));
    writeJson(join(folder, `${stack.name}.tf.json`), declared);
    Object.assign(requiredProviders, terraform.required_providers);
    // A stack that needs no provider has none.
    locks.push(readTextIfThere(join(stack.folder, lockFile)) ?? "");
    linkProviders(stack, dataFolder);
    states.push(applied);
    addresses.set(
      stack.name,
      new Set([
        ...Object.entries(declared.resource).flatMap(([type, named]) =>
          Object.keys(named).map((name) => `${type}.${name}`),
        ),
        ...applied.resources.map(({ type, name }) => `${type}.${name}`),
      ]),
    );
  }
  // Without a backend, Terraform takes its state from here, and needs no initialisation.
  writeJson(join(folder, "providers.tf.json"), { terraform: { required_providers: requiredProviders } });
  writeJson(join(folder, "terraform.tfstate"), {
    ...states[0],
    resources: states.flatMap(({ resources }) => resources),
  });
  writeFileSync(join(folder, lockFile), locks.join("\n"));
  return { dataFolder, addresses };
}

/** Terraform itself installs by such links what it finds on this host. */
function linkProviders(stack: InitializedStack, dataFolder: string): void {
  for (const { installed } of installedProviders(stack.folder, stack.dataFolder)) {
    const link = join(dataFolder, "providers", installed);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(stack.dataFolder, "providers", installed), link);
  }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

function writeJson(path: string, content: unknown): void {
  writeFileSync(path, JSON.stringify(content));
}
