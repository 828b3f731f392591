import { serveSandbox } from "../deploy/sandbox";
import { sandboxInstance } from "../model/deployment";
import { homePaths } from "../model/home-paths";
import type { CheckParameters } from "../model/run-parameters";

/** Serves the local OpenRouter while the checks run, where the instance is the sandbox's and nobody serves it yet. */
export async function withSandbox<T>(
  parameters: Pick<CheckParameters, "instance" | "home" | "baseUrl">,
  work: () => Promise<T>,
): Promise<T> {
  if (parameters.instance !== sandboxInstance) return work();
  const server = await serveSandbox({ home: homePaths(parameters.home), baseUrl: parameters.baseUrl });
  try {
    return await work();
  } finally {
    await server?.close();
  }
}
