import type { z } from "zod";
import { UserError } from "../../core/errors";
import type { EngineApi } from "../../docker/engine-api";
import { parametersVariable } from "../../model/run-parameters";

/** The parameters from a construct's local-exec. @throws UserError if a person runs such a step by hand */
export function readParameters<T extends z.ZodType>(schema: T): z.output<T> {
  const text = process.env[parametersVariable];
  if (!text) {
    throw new UserError({
      problem: "Terraform runs this step during a deploy.",
      fix: "openclaw-openrouter up",
    });
  }
  return schema.parse(JSON.parse(text));
}

/** The engine that Terraform's own docker provider uses. */
export async function engineOfStep(): Promise<EngineApi> {
  const { EngineApi } = await import("../../docker/engine-api");
  return new EngineApi((process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace("unix://", ""));
}
