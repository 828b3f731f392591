import { say } from "../output";
import { defineStep } from "./define-step";

/** `install`: run by the construct OpenClawConfig. */
export const register = defineStep("install", async (parameters) => {
  const { install } = await import("../../openclaw/install");
  for (const [name, placement] of Object.entries(install(parameters)))
    say(`${parameters.folder}/${name}: ${placement}`);
});
