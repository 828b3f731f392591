import { ifError, UserError } from "../core/errors";
import { type ImageProgram, parseProgram, programOfLabels } from "../model/vault/vault-version";
import { containerPath, type EngineApi, EngineError } from "./engine-api";
import { endOfLog } from "./engine-exec";
import { endEphemerals, ownLog, withCreated } from "./ephemeral";
import { vaultUserName } from "./home-files";

/** The program in an image, with the image's id: the same id means the same content. */
interface KnownProgram extends ImageProgram {
  readonly id: string;
}

/** The label of its container: the instance directory for which it is asked, whose lock the caller holds. */
const askedLabel = "openclaw-openrouter.asked-for";

/** The timeout for the program in an image to print its version, in milliseconds. */
const patience = 30_000;

/**
 * The product and version in an image: from its labels, else from the program in it, never from its tag.
 * @param home the instance directory of the run
 * @param known the result of an earlier run
 * @throws UserError if neither shows it
 */
export async function programOf(
  engine: EngineApi,
  reference: string,
  home: string,
  known?: KnownProgram,
): Promise<KnownProgram> {
  const image = await engine.inspectImage(reference);
  const id = image?.Id ?? "";
  if (known?.id === id) return known;
  const program =
    programOfLabels(image?.Config?.Labels ?? {}) ??
    (await ask(engine, id, "vault", home)) ??
    (await ask(engine, id, "bao", home));
  if (program) return { id, ...program };
  throw new UserError({
    problem: `It cannot be told which Vault is in the image ${reference}.`,
    got: "no label of Vault, and no answer to `vault version` in it",
    expected: "an image of HashiCorp's Vault, 1.x",
    fix: "Name another image by `vault.image` in the settings, such as hashicorp/vault:1.21.2.",
  });
}

/**
 * The product and version that a program in an image prints, run without network, volumes or privileges. Undefined if there is
 * no such program.
 */
async function ask(
  engine: EngineApi,
  image: string,
  name: string,
  home: string,
): Promise<ImageProgram | undefined> {
  // One that a killed run left names no volume by which another step would find it.
  await endEphemerals(engine, { label: `${askedLabel}=${home}` });
  return withCreated(engine, container(image, name, home), (id) =>
    // The file can be missing, or this machine cannot run it.
    runToEnd(engine, id).catch(ifError(EngineError, () => undefined)),
  );
}

async function runToEnd(engine: EngineApi, id: string): Promise<ImageProgram | undefined> {
  await engine.startContainer(id);
  await engine.call("POST", `${containerPath(id)}/wait`, { timeout: patience });
  return parseProgram((await endOfLog(engine, id, 20)).join("\n"));
}

/** The confinement of a container of Vault that this program starts for itself. */
export const confined = {
  CapDrop: ["ALL"],
  // The program's file may require it, and would not start without it.
  CapAdd: ["IPC_LOCK"],
  SecurityOpt: ["no-new-privileges"],
  ReadonlyRootfs: true,
} as const;

function container(image: string, name: string, home: string) {
  return {
    Image: image,
    Labels: { [askedLabel]: home },
    Entrypoint: [name, "version"],
    Cmd: [],
    // With a terminal the output has no frame headers, whose eight bytes could be letters.
    Tty: true,
    Env: ["VAULT_CLI_NO_COLOR=1", "BAO_CLI_NO_COLOR=1"],
    User: vaultUserName,
    HostConfig: {
      NetworkMode: "none",
      ...confined,
      Memory: 256 * 1024 ** 2,
      PidsLimit: 64,
      LogConfig: ownLog,
    },
  };
}
