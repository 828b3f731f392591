import { buildParts } from "../../../lib/host/build-kit";
import { fetchImageTools } from "../../../lib/host/image-tools";
import { openKit } from "../../../lib/host/kit";

/** Builds the smallest part of the kit, and the image's programs, for another kind of machine. */
const kit = openKit({ arch: "arm64", sources: process.env.TEST_SOURCES ?? "" });
Promise.all([buildParts(kit, ["provider-local"]), fetchImageTools(kit)]).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
