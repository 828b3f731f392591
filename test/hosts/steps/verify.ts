import { strict as assert } from "node:assert";
import { chat } from "../gateway";
import type { Site } from "../site";
import type { Step } from "../step";

/** What an owner tries to see that all is well. */
export async function verify(site: Site): Promise<void> {
  assert.equal(site.storedKey(), site.key);
  site.must("check");
  if (site.row.gateway !== "none") await chat(site);
}

export const verification: Step = {
  id: "verify",
  title: "the setup guide's verification, `check`; with a gateway a chat",
  run: verify,
};
