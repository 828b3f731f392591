import { fleetNames, fleetSizes } from "./fleet";
import { synthName, synthSizes } from "./growth";
import { formatSeconds, wayNames } from "./table";
import type { Timings } from "./timings";
import { steps, timedName } from "./ways/way";

interface Bar {
  readonly label: string;
  readonly value: number | undefined;
  /** Whether it is this program's. */
  readonly own: boolean;
}

interface Panel {
  readonly title: string;
  readonly unit: (value: number) => string;
  readonly bars: readonly Bar[];
}

const width = 880;
const gap = 40;
const columnWidth = (width - 3 * gap) / 2;
const labelWidth = 110;
const valueWidth = 62;
const barHeight = 16;
const lineHeight = 24;
const titleHeight = 30;

/**
 * What was measured as bars: a panel for each thing timed, each with a scale of its own that begins at nothing. It has no
 * ground of its own, and colours that go by the reader's scheme, so that it can be read on light and on dark.
 */
export function renderChart(timings: Timings): string {
  const panels = panelsOf(timings).filter(({ bars }) => bars.some(({ value }) => value !== undefined));
  let y = gap / 2;
  let drawn = "";
  for (let index = 0; index < panels.length; index += 2) {
    const row = panels.slice(index, index + 2);
    row.forEach((panel, column) => {
      drawn += drawPanel(panel, gap + column * (columnWidth + gap), y);
    });
    y += titleHeight + Math.max(...row.map(({ bars }) => bars.length)) * lineHeight + gap / 2;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="What npm run bench measured: shorter is better">
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.none { fill: #6e7781 }
.bar { fill: #8c959f }
.own { fill: #1a7f37 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .none { fill: #8d96a0 }
  .bar { fill: #6e7681 }
  .own { fill: #3fb950 }
}
</style>
${drawn}</svg>
`;
}

function panelsOf(timings: Timings): Panel[] {
  const megabytes = (value: number) => `${value.toFixed(0)} MB`;
  const ofWays = (value: (name: string) => number | undefined): Bar[] =>
    wayNames.map((name) => ({ label: name, value: value(name), own: name === "this program" }));
  const ofSizes = (sizes: readonly number[], name: (size: number) => string): Bar[] =>
    sizes.map((size) => ({
      label: size === 1 ? "1 instance" : `${size} instances`,
      value: timings.median(name(size)),
      own: true,
    }));
  return [
    ...steps.map((step) => ({
      title: step,
      unit: formatSeconds,
      bars: ofWays((name) => timings.median(timedName({ name }, step))),
    })),
    { title: "most memory, first deploy", unit: megabytes, bars: ofWays((name) => timings.peak(name)) },
    {
      title: "synthesized by one process",
      unit: formatSeconds,
      bars: ofSizes(synthSizes, synthName),
    },
    { title: "drift --all on one engine", unit: formatSeconds, bars: ofSizes(fleetSizes, fleetNames.all) },
  ];
}

function drawPanel({ title, unit, bars }: Panel, x: number, y: number): string {
  const most = Math.max(...bars.map(({ value }) => value ?? 0));
  const room = columnWidth - labelWidth - valueWidth;
  const lines = bars.map(({ label, value, own }, index) => {
    const top = y + titleHeight + index * lineHeight;
    const base = top + 12;
    const start = x + labelWidth;
    const name = `<text x="${x}" y="${base}">${label}</text>`;
    if (value === undefined) return `${name}<text class="none" x="${start}" y="${base}">–</text>\n`;
    const length = Math.max(1, (value / most) * room);
    const bar = `<rect class="${own ? "own" : "bar"}" x="${start}" y="${top - 1}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>`;
    return `${name}${bar}<text x="${(start + length + 6).toFixed(1)}" y="${base}">${unit(value)}</text>\n`;
  });
  return `<text class="title" x="${x}" y="${y + 14}">${title}</text>\n${lines.join("")}`;
}
