import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../lib/core/system/package-root";
import { renderChart } from "./chart";
import { fleetNames } from "./fleet";
import { synthName } from "./growth";
import { renderFigures } from "./table";
import { Timings } from "./timings";
import { timedName } from "./ways/way";
import { benchmarksPage, replaceFigures } from "./write";

/** As if each had been timed three times. */
function timed(values: Readonly<Record<string, readonly number[]>>): Timings {
  const timings = new Timings();
  for (const [name, seconds] of Object.entries(values))
    for (const value of seconds) timings.keep(name, value);
  return timings;
}

const own = { name: "this program" };
const ansible = { name: "Ansible" };
const timings = timed({
  [timedName(own, "first deploy")]: [9, 5, 6],
  [timedName(ansible, "first deploy")]: [12, 12, 12],
  [synthName(200)]: [2, 2, 2],
  [fleetNames.all(10)]: [7, 7, 7],
});
timings.keepPeak("this program", 200);
timings.keepPeak("this program", 315);

describe("the table", () => {
  const text = renderFigures({ timings, rounds: 3 }, "two processors", ["script: this host has no sh"]);

  test("has the medians, and a dash where nothing was measured", () => {
    expect(text).toContain("| first deploy | 6.00 s | – | – | – | 12.0 s |");
    expect(text).toContain("| drift | – | – | – | – | – |");
  });

  test("has the most memory that was seen", () => {
    expect(text).toContain("| most memory, first deploy | 315 MB | – | – | – | – |");
  });

  test("has how it grows with the instances", () => {
    expect(text).toContain("| synthesized by one process | – | – | – | – | 2.00 s |");
    expect(text).toContain("| deployed on one engine, `drift --all` | – | – | 7.00 s | – | – |");
  });

  test("says what was left out", () => {
    expect(text).toContain("Not measured: script: this host has no sh");
  });
});

describe("the chart", () => {
  const chart = renderChart(timings);

  test("has bars as long as what they stand for", () => {
    const [mine, theirs] = [...chart.matchAll(/<rect class="(own|bar)"[^>]* width="([\d.]+)"/g)];
    expect(mine?.[1]).toBe("own");
    expect(theirs?.[1]).toBe("bar");
    expect(Number(mine?.[2]) / Number(theirs?.[2])).toBeCloseTo(6 / 12, 2);
  });

  test("has no panel of which nothing was measured", () => {
    expect(chart).toContain(">first deploy<");
    expect(chart).not.toContain(">nothing to do<");
  });
});

describe("the page", () => {
  const page = readFileSync(join(packageRoot(), benchmarksPage), "utf8");

  test("gets new figures instead of the old ones, and nothing else", () => {
    const once = replaceFigures(page, "new figures");
    expect(once).toContain("new figures");
    expect(once).not.toContain("| first deploy |");
    expect(replaceFigures(once, "new figures")).toBe(once);
    const around = (text: string) => text.replace(/<!-- figures[\s\S]*<!-- end of figures -->/, "");
    expect(around(once)).toBe(around(page));
  });

  test("has to have a place for them", () => {
    expect(() => replaceFigures("# Another", "new figures")).toThrow("has not the lines");
  });

  test("shows the chart", () => {
    expect(page).toContain("](figures.svg)");
    expect(existsSync(join(packageRoot(), "docs", "figures.svg"))).toBe(true);
  });
});
