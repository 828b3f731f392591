import { EngineApi } from "../../../lib/docker/engine-api";
import type { BootstrapParameters } from "../../../lib/model/run-parameters";
import { renewPlacedCredential } from "../../../lib/openclaw/renew-credential";
import { type BootstrapStep, bootstrap } from "../../../lib/vault/bootstrap";
import { VaultContainer } from "../../../lib/vault/container/vault-container";

/** What the program below does: a bootstrap that is killed, as by a power cut, at a step. */
export interface BootstrapOrder {
  readonly parameters: BootstrapParameters;
  readonly socket: string;
  /** @default it runs to its end */
  readonly killAt?: BootstrapStep;
}

async function main(): Promise<void> {
  const { parameters, socket, killAt }: BootstrapOrder = JSON.parse(process.env.TEST_BOOTSTRAP ?? "{}");
  const host = new VaultContainer(new EngineApi(socket), parameters.container, parameters.dataVolume);
  await bootstrap(parameters, host, {
    progress: (line) => process.stderr.write(`${line}\n`),
    writeTokenHelper: true,
    renewCopies: renewPlacedCredential,
    onStep: async (step) => {
      if (step !== killAt) return;
      process.kill(process.pid, "SIGKILL");
      await new Promise(() => {});
    },
  });
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
