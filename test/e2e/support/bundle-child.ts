import { buildParts } from "../../../lib/host/build-bundle";
import { openBundle } from "../../../lib/host/bundle";
import { fetchImageTools } from "../../../lib/host/image-tools";

/** Builds the smallest part of the bundle, and the image's programs, for another kind of machine. */
const bundle = openBundle({ arch: "arm64", sources: process.env.TEST_SOURCES ?? "" });
Promise.all([buildParts(bundle, ["provider-local"]), fetchImageTools(bundle)]).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
