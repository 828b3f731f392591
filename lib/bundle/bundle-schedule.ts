import { bundleParts, type PartName } from "./bundle-parts";

/**
 * The next part to build: the longest one that fits into the free memory; undefined if all must wait.
 * If nothing runs, the longest one starts even if it does not fit: it can succeed, and waiting would not help.
 */
export function nextPart(
  waiting: readonly PartName[],
  running: readonly PartName[],
  limits: { readonly megabytes: number; readonly processors: number },
): PartName | undefined {
  const byLength = [...waiting].sort((a, b) => bundleParts[b].cpuSeconds - bundleParts[a].cpuSeconds);
  if (running.length === 0) return byLength[0];
  if (running.length >= limits.processors) return undefined;
  const left = limits.megabytes - running.reduce((sum, name) => sum + bundleParts[name].peakMegabytes, 0);
  return byLength.find((name) => bundleParts[name].peakMegabytes <= left);
}
