import { readFileSync } from "node:fs";
import { join } from "node:path";
import { withTemporaryFolder } from "../core/files/temporary-folder";
import { sha256 } from "../core/fingerprint";
import { type Deployment, deployment } from "../model/deployment";
import { stackNames } from "../model/home-paths";
import { synthesize } from "../session/declare";
import { declaredKey } from "../store/records/key-record";

/**
 * The SHA-256 of an instance's declaration. The same settings and key give the same digest on every host: the stacks are
 * synthesized with a fixed instance directory, id and image instead of the host's own.
 */
export function declarationDigest({ instance, settings, home }: Deployment): Promise<string> {
  return withTemporaryFolder("declaration", async (folder) => {
    await synthesize(
      {
        deployment: deployment(instance, settings, "/instance-home", "/user-home"),
        instanceId: "instance",
        image: settings.vault.image,
        limitsMemory: true,
        ...declaredKey(home.root, undefined),
      },
      folder,
    );
    const texts = stackNames.map((stack) =>
      readFileSync(join(folder, "stacks", stack, "cdk.tf.json"), "utf8"),
    );
    return sha256(texts.join("\n"));
  });
}
