import type { ConnectParameters, StoreKeyParameters } from "../../../lib/model/run-parameters";
import { renewPlacedCredential } from "../../../lib/openclaw/renew-credential";
import { VaultClient } from "../../../lib/vault/client";
import { connectVault, disconnectVault, inspectVault } from "../../../lib/vault/external-vault";
import { storeDeclaredKey } from "../../../lib/vault/store-key";

/** What the program below does on an external Vault, and where it is killed, as by a power cut. */
export type ExternalVaultOrder = (
  | {
      readonly task: "connect" | "disconnect";
      readonly parameters: ConnectParameters;
      readonly token: string;
    }
  | { readonly task: "store-key"; readonly parameters: StoreKeyParameters; readonly key: string }
) & {
  /** At which of its calls to Vault: before it is sent, or once it was answered. @default it runs to its end */
  readonly killAt?: { readonly call: number; readonly moment: KillMoment };
};
export type KillMoment = "before" | "after";

const order: ExternalVaultOrder = JSON.parse(process.env.TEST_ORDER ?? "{}");

let calls = 0;
const send = VaultClient.prototype.call;
VaultClient.prototype.call = async function call(...args) {
  calls += 1;
  const mine = calls;
  await reach(mine, "before");
  const answer = await send.apply(this, args).finally(() => reach(mine, "after"));
  return answer as never;
};

async function reach(call: number, moment: KillMoment): Promise<void> {
  if (order.killAt?.call !== call || order.killAt.moment !== moment) return;
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => {});
}

async function main(): Promise<void> {
  if (order.task === "store-key") await storeDeclaredKey(order.parameters, order.key);
  else if (order.task === "disconnect")
    await disconnectVault(order.parameters, { askAdminToken: async () => order.token });
  else {
    const { clusterId, missing } = await inspectVault(order.parameters);
    const options = { token: order.token, progress: () => {}, renewCopies: renewPlacedCredential };
    if (missing) await connectVault(order.parameters, clusterId, options);
  }
  process.stdout.write(String(calls));
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
