import { bundleImage } from "../../bundle/image";
import { attributesOf } from "../../model/terraform-state";
import { drift } from "../finding";
import { managedProbe } from "../probe";

/** Compares the image that Vault's image name resolves to with the one at the deploy. */
export const image = managedProbe("image", async (context) => {
  const [applied] = attributesOf(await context.knownState("vault"), "docker_image").values();
  if (!applied) return [];
  const [name, pinned] = [String(applied.name), String(applied.image_id)];
  const { api } = context.engine;
  const [now, kept] = await Promise.all([api.inspectImage(name), api.inspectImage(pinned)]);
  if (now?.Id === pinned) return [];
  // The engine gives an image a tag, and a digest only with a pull.
  const isTagged = !name.includes("@");
  // No registry has the bundle's own build.
  const getAgain = name === bundleImage ? "openclaw-openrouter up" : `docker pull ${name}`;
  return drift(now ? "image.tag" : "image.gone", now ? "critical" : "minor", `image ${name}`, {
    summary: now
      ? "The image's name now refers to another image: the next container would use that one"
      : "The image's name does not exist any more on this engine",
    compared: [pinned, now?.Id ?? "gone", "Id"],
    fix: kept && isTagged ? undefined : getAgain,
    explains: ["plan.docker_image.*", "plan.docker_container.*:image"],
  });
});
