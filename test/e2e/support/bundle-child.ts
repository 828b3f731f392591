import { buildParts } from "../../../lib/bundle/build-bundle";
import { openBundle } from "../../../lib/bundle/bundle";
import { fetchImageTools } from "../../../lib/bundle/image-tools";

/** Builds the smallest part of the bundle, and the image's programs, for another kind of machine. */
const bundle = openBundle({ arch: "arm64", sources: process.env.TEST_SOURCES ?? "" });
Promise.all([buildParts(bundle, ["provider-local"]), fetchImageTools(bundle)]).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
