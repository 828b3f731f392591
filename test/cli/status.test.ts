import { chownSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { register as status } from "../../lib/cli/commands/status";
import { instanceHome } from "../../lib/store/home";
import { beginInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { capturePrinted } from "../support/printed";
import { testAsRoot } from "../support/skip";

const before = { ...process.env };
let folder: string;

beforeEach(() => {
  folder = scratchFolder();
  process.env.OPENCLAW_OPENROUTER_HOME = join(folder, "homes");
  const home = instanceHome("lab");
  beginInstance(home);
  // Nothing answers at this port.
  writeFileSync(join(home, "openrouter.settings.json"), '{ "vault": { "port": 1 } }');
  capturePrinted();
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...before };
  process.exitCode = undefined;
});

async function writeMetrics(file: string): Promise<void> {
  const program = new Command("program").exitOverride();
  status(program);
  await program.parseAsync(["status", "--instance", "lab", "--prometheus", file], { from: "user" });
}

test("the metrics are a file that the collector, another user, can read", async () => {
  const file = join(folder, "lab.prom");
  await writeMetrics(file);
  expect(readFileSync(file, "utf8")).toContain('openclaw_openrouter_alerts_open{openclaw_instance="lab"} 0');
  expect(statSync(file).mode & 0o777).toBe(0o644);
});

test("they replace no link: as root, that could be /dev/stdout", async () => {
  const [target, link] = [join(folder, "target"), join(folder, "link")];
  writeFileSync(target, "unchanged");
  symlinkSync(target, link);
  await expect(writeMetrics(link)).rejects.toThrow(/got: +a link, a folder or a device/);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, "utf8")).toBe("unchanged");
});

test("a folder that is missing is not made: nobody but this user could enter it", async () => {
  await expect(writeMetrics(join(folder, "missing/lab.prom"))).rejects.toThrow(/no folder/);
});

testAsRoot("they are not written below a folder of another user, who could lead them elsewhere", async () => {
  const [of, collected] = [join(folder, "prometheus"), join(folder, "prometheus/node-exporter")];
  mkdirSync(collected, { recursive: true });
  chownSync(of, 12345, 12345);
  await expect(writeMetrics(join(collected, "lab.prom"))).rejects.toThrow(/belongs to uid 12345/);
});
