const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** A duration as people write it, `90d`, `12h`, `30m` or `0`, in seconds; undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return count && unit ? Number(count) * seconds[unit as keyof typeof seconds] : undefined;
}

/** The same the other way round, in the largest unit that it is a whole number of. */
export function describeDuration(total: number): string {
  const unit = (["d", "h", "m"] as const).find((each) => total % seconds[each] === 0) ?? "s";
  return total === 0 ? "0" : `${total / seconds[unit]}${unit}`;
}
