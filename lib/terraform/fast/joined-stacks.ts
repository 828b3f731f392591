import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { readTextIfThere } from "../../core/files/files";
import type { StackName } from "../../model/home-paths";
import { installedProviders, lockFile } from "../installed-providers";

/** An initialized stack whose state is a local file. */
export interface InitializedStack {
  readonly name: StackName;
  /** The folder of the synthesized stack, with its lock file. */
  readonly folder: string;
  /** The data folder with the providers that Terraform has installed for it. */
  readonly dataFolder: string;
  readonly stateFile: string;
}

/** The parts of CDKTF's JSON that are read; everything else is copied unchanged. */
const declaration = z.looseObject({
  terraform: z.looseObject({ required_providers: z.record(z.string(), z.unknown()).default({}) }),
  resource: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

const state = z.looseObject({
  version: z.literal(4),
  resources: z.array(z.looseObject({ type: z.string(), name: z.string() })),
});

/**
 * Joins several stacks into one, for a single plan: Terraform starts once, and reads its providers' schemas once. The joined
 * stack is only for planning, since its state is a copy.
 * @param folder a folder that does not exist yet, in one that only this user can enter
 * @returns the addresses of each stack's resources, declared or applied, as well
 * @throws Error if one of their files is missing or does not match the schema
 */
export function joinStacks(stacks: readonly InitializedStack[], folder: string) {
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
    // A stack without providers has no lock file.
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
  // Without a backend, Terraform uses this state and needs no initialization.
  writeJson(join(folder, "providers.tf.json"), { terraform: { required_providers: requiredProviders } });
  writeJson(join(folder, "terraform.tfstate"), {
    ...states[0],
    resources: states.flatMap(({ resources }) => resources),
  });
  writeFileSync(join(folder, lockFile), locks.join("\n"));
  return { dataFolder, addresses };
}

/** Links the installed providers. Terraform itself installs local providers by such links. */
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
