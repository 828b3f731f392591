import { z } from "zod";
import { UserError } from "../core/errors";
import { type ImageProgram, parseProgram, programOfLabels } from "../model/vault-version";
import { endOfLog } from "./container-log";
import { type EngineApi, EngineError } from "./engine-api";
import { ephemeralLabel } from "./ephemeral";

/** What was found in an image, by its id: the content is the same as long as that is. */
export interface KnownProgram extends ImageProgram {
  readonly id: string;
}

/** How long the program in an image may take to say its version, in milliseconds. */
const patience = 30_000;

/**
 * Which product and version an image holds: by its labels, else by the program in it, never by its tag.
 * @param known what an earlier run found
 * @throws UserError where neither says
 */
export async function programOf(
  engine: EngineApi,
  reference: string,
  known?: KnownProgram,
): Promise<KnownProgram> {
  const image = await engine.inspectImage(reference);
  const id = image?.Id ?? "";
  if (known?.id === id) return known;
  const program =
    programOfLabels(image?.Config?.Labels ?? {}) ??
    (await ask(engine, id, "vault")) ??
    (await ask(engine, id, "bao"));
  if (program) return { id, ...program };
  throw new UserError({
    problem: `It cannot be told which Vault is in the image ${reference}.`,
    got: "no label of Vault's, and no answer to `vault version` in it",
    expected: "an image of HashiCorp's Vault, 1.x",
    fix: "Name another image by `vault.image` in the settings, such as hashicorp/vault:1.21.2.",
  });
}

/** What a program in an image says, run with no network, no volume and no right. Undefined where there is no such program. */
async function ask(engine: EngineApi, image: string, name: string): Promise<ImageProgram | undefined> {
  const { Id } = z
    .object({ Id: z.string() })
    .parse(await engine.call("POST", "/containers/create", { body: container(image, name) }));
  try {
    await engine.startContainer(Id);
    await engine.call("POST", `/containers/${Id}/wait`, { timeout: patience });
    return parseProgram((await endOfLog(engine, Id, 20)).join("\n"));
  } catch (error) {
    // No such file, or none that this machine runs.
    if (error instanceof EngineError) return undefined;
    throw error;
  } finally {
    // With the volumes without a name that the image declares.
    await engine.call("DELETE", `/containers/${Id}?force=true&v=true`);
  }
}

function container(image: string, name: string): object {
  return {
    Image: image,
    Entrypoint: [name, "version"],
    Cmd: [],
    // What it says comes unchanged then, without a head of eight bytes that may be letters.
    Tty: true,
    Env: ["VAULT_CLI_NO_COLOR=1", "BAO_CLI_NO_COLOR=1"],
    User: "100:1000",
    Labels: { [ephemeralLabel]: "true" },
    NetworkDisabled: true,
    HostConfig: {
      NetworkMode: "none",
      CapDrop: ["ALL"],
      // The program's file may ask for it, and would not start without.
      CapAdd: ["IPC_LOCK"],
      SecurityOpt: ["no-new-privileges"],
      ReadonlyRootfs: true,
      Memory: 256 * 1024 ** 2,
      PidsLimit: 64,
      LogConfig: { Type: "json-file", Config: { "max-size": "64k", "max-file": "1" } },
    },
  };
}
