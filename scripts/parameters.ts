import type { z } from "zod";
import { UserError } from "../lib/errors";
import { parametersVariable } from "../lib/model/run-parameters";

/** What a construct's local-exec handed over. @throws UserError where a person runs such a step by hand */
export function readParameters<T extends z.ZodType>(schema: T): z.output<T> {
  const text = process.env[parametersVariable];
  if (!text) {
    throw new UserError({
      problem: "This step is run by Terraform, in the course of a deploy.",
      remedy: "npx openclaw-openrouter up",
    });
  }
  return schema.parse(JSON.parse(text));
}
