import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { readTextIfThere } from "../../lib/core/files/files";
import { poll } from "../../lib/core/poll";
import { scratchFolder } from "../support/folder";

test("a process that ends what is under way after its terminal was closed dumps no core", async () => {
  const folder = scratchFolder();
  const [module, program, ended] = ["module.cjs", "program.cjs", "ended"].map((name) => join(folder, name));
  buildSync({
    ...{ entryPoints: [join(__dirname, "../../lib/cli/lost-terminal.ts")], outfile: module! },
    ...{ bundle: true, platform: "node" },
  });
  writeFileSync(
    program!,
    `require("./module.cjs").endWithLostTerminal();
     const waiting = setInterval(() => {}, 60000);
     process.on("SIGHUP", () => clearInterval(waiting));
     console.log("there");`,
  );
  // The terminal's own shell gets the signal and passes it on, then waits for what the program makes of it.
  const line = `"${process.execPath}" "${program}" & trap "kill -HUP $!" HUP; wait $!; wait $!; echo $? > "${ended}"`;
  const terminal = spawn("script", ["-qfec", line, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
  await once(terminal.stdout, "data");
  terminal.kill("SIGKILL");
  // By SIGHUP; SIGABRT would be 134.
  const code = () => readTextIfThere(ended!) || undefined;
  expect(await poll(code, { every: 50, timeout: 30_000 })).toBe("129\n");
});
