import { ExitCode } from "../core/exit-codes";
import { waitForEachAddress } from "../core/network/connect-time";
import { keyGivenToCli } from "../operations/deploy/cdktf-environment";
import { checkedKey } from "./input/key-input";
import { guardOutput, reportError, say, speakOf } from "./output";

/** The app that CDKTF runs (cdktf.json): main.ts, plus the steps that a bare `cdktf deploy` needs before and after it. */
export async function runApp(): Promise<void> {
  guardOutput();
  waitForEachAddress();
  try {
    const { afterSynth, beforeSynth } = await import("../operations/deploy/cdktf-app");
    const { describedDeployment } = await import("../session/load-deployment");
    const key = keyGivenToCli();
    if (key) process.env.TF_VAR_openrouter_api_key = checkedKey(key, "TF_VAR_openrouter_api_key");
    const deployment = describedDeployment();
    speakOf(deployment.instance);
    await beforeSynth(deployment, key, say);
    await import("../../main");
    await afterSynth(deployment, process.env.CDKTF_OUTDIR ?? "cdktf.out");
  } catch (error) {
    process.exitCode = reportError(error) || ExitCode.Failed;
  }
}
