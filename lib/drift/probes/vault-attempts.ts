import { quote } from "../../core/text";
import { rekeyRecord } from "../../store/records/rekey-record";
import { rootGenerationStatus } from "../../vault/schemas";
import { pendingRekey, rekeyTargetOf } from "../../vault/shares/rekey";
import { drift } from "../finding";
import { managedProbe } from "../probe";

/**
 * Inspects that nobody is using shares: to make a root token, or to replace the shares. Vault asks for no token to begin either, and
 * whoever began it gets the result once others give their shares. A run of this program holds the lock meanwhile.
 */
export const vaultAttempts = managedProbe("vault.attempts", async (context) => {
  await context.requireOpen();
  const { vault, home } = context;
  const { container, address } = context.deployed;
  const target = rekeyTargetOf((await context.seal())?.type ?? "shamir");
  const [generation, rekey] = await Promise.all([
    vault.call({ path: "sys/generate-root/attempt" }, rootGenerationStatus),
    pendingRekey(vault, target),
  ]);
  // One whose new shares wait for people to verify them is the instance's own.
  const isOurs = rekey !== undefined && rekey.nonce === rekeyRecord.read(home)?.nonce;
  const subject = `Vault at ${address}`;
  const given = ({ progress, required }: { progress: number; required: number }) =>
    `${progress} of ${required} shares given`;
  const cancelled = (command: string) =>
    `Find out who began it; to cancel it: docker exec ${container} vault operator ${command}`;
  return [
    generation.started &&
      drift("vault.root-generation", generation.progress > 0 ? "critical" : "major", subject, {
        summary:
          "Somebody has begun to make a root token: with enough shares it can do everything in this Vault",
        compared: ["none under way", given(generation), "sys/generate-root/attempt"],
        fix: cancelled("generate-root -cancel"),
      }),
    rekey !== undefined &&
      !isOurs &&
      drift("vault.rekey", rekey.progress > 0 ? "critical" : "major", subject, {
        summary:
          "Somebody has begun to replace the shares: once it ends, the present ones do not unseal Vault",
        compared: ["none under way", given(rekey), `sys/${target}/init`],
        fix: cancelled(
          `rekey -cancel${target === "rekey" ? "" : " -target=recovery"} -nonce=${quote(rekey.nonce)}`,
        ),
      }),
  ];
});
