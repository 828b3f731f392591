import { bundleParts, type PartName } from "./bundle-parts";

/**
 * The part to be built next: the longest one that fits into the memory left; undefined while all must wait.
 * With nothing running the longest is started whether it fits or not: it may do, and waiting would not help.
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
