/** Compares versions by their numbers: negative where `a` is the older one. A pre-release is older than its release. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  for (let index = 0; index < 3; index++) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(right.preRelease) - Number(left.preRelease);
}

function parse(version: string): { numbers: number[]; preRelease: boolean } {
  const match = /^v?(\d+(?:\.\d+)*)(.*)$/.exec(version.trim());
  return {
    numbers: (match?.[1] ?? "0").split(".").map(Number),
    preRelease: /^-?(alpha|beta|rc|dev|pre)/.test(match?.[2] ?? ""),
  };
}
