const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Parses a duration such as `90d`, `12h`, `30m` or `0` into seconds; undefined if it is invalid. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return count && unit ? Number(count) * seconds[unit as keyof typeof seconds] : undefined;
}

/** Formats seconds as a duration, in the largest unit that gives a whole number. */
export function describeDuration(total: number): string {
  const unit = (["d", "h", "m"] as const).find((each) => total % seconds[each] === 0) ?? "s";
  return total === 0 ? "0" : `${total / seconds[unit]}${unit}`;
}
