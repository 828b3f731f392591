import { strict as assert } from "node:assert";
import { consoleBlocks } from "../../support/docs";
import { root } from "../../support/lab-host";
import { installGateway, startGateway } from "../gateway";
import { inHost } from "../parts";
import { openRouterUrl, type Site } from "../site";
import type { Step } from "../step";
import { unsealed } from "./restarts";

const page = "docs/first-day.md";
/** Each alert is added to a file. */
const receiver = "/usr/bin/tee -a /srv/received";

/** The page's lines that name this file, in their order. */
export function pageLines(): string[] {
  return consoleBlocks(page)
    .filter(({ notRun }) => notRun?.includes("test/hosts/steps/first-day.ts"))
    .flatMap(({ commands }) => commands);
}

/** Root of a fresh VPS follows the page. What takes a network is there: engine, Node, OpenClaw, the clone. */
export const firstDay: Step = {
  id: "first-day",
  title: "docs/first-day.md, line by line, with its reboot",
  notTried: (row) => (row.from === "first day" ? undefined : "one row follows the page"),
  async run(site) {
    installGateway(site);
    site.mustSh(`cp -r ${inHost.sources} ${site.clone}`, root);
    const lines = pageLines();
    assert.ok(lines.length > 15, "the page shows its lines to root");
    for (const line of lines) await follow(site, line);
    assert.match(site.mustSh("cat /srv/received"), /"test"/);
  },
};

async function follow(site: Site, line: string): Promise<void> {
  if (line === "reboot") {
    await startGateway(site);
    await site.reboot();
    await unsealed(site);
    return;
  }
  const isStart = line.includes("npm start");
  const input = line.endsWith("alerts add") ? receiver : "";
  const key = isStart ? { OPENROUTER_API_KEY: site.key } : {};
  if (isStart) addOpenRouter(site);
  site.mustSh(isStart ? `${line} --bundle ${inHost.bundle}` : line, root, key, input);
}

/** The stand-in's address, beside what the page has written. */
function addOpenRouter(site: Site): void {
  const path = `${site.home}/openrouter.settings.json`;
  const settings = JSON.parse(site.mustSh(`cat ${path}`));
  site.write(path, JSON.stringify({ ...settings, openrouter: { baseUrl: openRouterUrl } }));
}
