import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { VaultProvider } from "@cdktf/provider-vault/lib/provider";
import { App, TerraformStack, Testing } from "cdktf";
import { ValidateBinaryVersion } from "cdktf/lib/validations";
import { scratchFolder } from "./folder";

// It would run `terraform version` for each terraform_data, by far the longest part of these tests. The program's own apps leave
// it out, too.
ValidateBinaryVersion.prototype.validate = () => [];

/** One resource as Terraform reads it. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is the provider's, and tests look at single attributes
export type Block = Record<string, any>;

/** A stack as synthesized, for assertions on it. */
export interface Template {
  /** The whole declaration. */
  readonly json: Block;
  readonly text: string;
  /** All resources of a type, by logical id. */
  resources(type: string): Record<string, Block>;
  /** The one resource of a type, or that of a construct of this id. */
  resource(type: string, id?: string): Block;
}

/** A stack with providers and nothing else, in an app that knows nothing of this project: what somebody else starts from. */
export function plainStack(address = "https://127.0.0.1:8200"): TerraformStack {
  const stack = new TerraformStack(new App({ outdir: scratchFolder() }), "theirs");
  new DockerProvider(stack, "docker");
  new VaultProvider(stack, "vault", { address });
  new LocalProvider(stack, "local");
  return stack;
}

/**
 * Synthesizes a stack prepared as `App.synth` prepares it, with validations. `Testing.synth` alone leaves both out, so
 * that a reference across stacks, or a missing backend, would go unseen.
 */
export function synthesize(stack: TerraformStack): Template {
  const stacks = stack.node.root.node.findAll().filter(TerraformStack.isStack);
  for (const each of stacks) each.prepareStack();
  const text = Testing.synth(stack, true);
  const json = JSON.parse(text) as Block;
  const resources = (type: string): Record<string, Block> => json.resource?.[type] ?? {};
  return {
    json,
    text,
    resources,
    resource(type, id = "") {
      // Logical ids are made of the constructs' ids, without the characters that Terraform does not take.
      const part = id.replace(/[^\w-]/g, "");
      const found = Object.entries(resources(type)).filter(([logicalId]) => logicalId.includes(part));
      if (found.length !== 1) {
        throw new Error(
          `${found.length} resources ${type} of id ${id}: ${Object.keys(resources(type)).join(", ")}`,
        );
      }
      return found[0]![1];
    },
  };
}
