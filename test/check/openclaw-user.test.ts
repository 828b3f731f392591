import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openclawUser } from "../../lib/check/checks/openclaw-user";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";

const folder = scratchFolder();
const home = homeOf(folder);
mkdirSync(join(folder, "run"));
mkdirSync(join(home.root, "credentials"), { recursive: true });
symlinkSync("run", join(folder, "var-run"));
symlinkSync("home", join(folder, "link-to-home"));
writeFileSync(join(folder, "run/docker.sock"), "");

/** The status of a gateway's container that is given these folders and files of the host. */
async function statusOf(...sources: string[]) {
  const engine = {
    socket: join(folder, "var-run/docker.sock"),
    inspectContainer: async () => ({
      HostConfig: { Privileged: false },
      Mounts: sources.map((source) => ({ Type: "bind", Source: join(folder, source) })),
    }),
  };
  const parameters = { instance: "default", user: "root", gateway: { container: "gateway" } };
  return (await openclawUser.run({ parameters, engine, home } as never)).status;
}

test.each([
  ["the engine's socket by the path that the engine names", "var-run/docker.sock"],
  ["the engine's socket by the path behind the link", "run/docker.sock"],
  ["the folder of the engine's socket", "run"],
  ["the instance directory", "home"],
  ["the instance directory by a link", "link-to-home"],
  ["a folder in the instance directory", "home/credentials"],
  ["the whole host", "../../../../../.."],
])("a gateway's container that is given %s is as good as root", async (_, source) => {
  expect(await statusOf("elsewhere", source)).toBe("warn");
});

test("one that is given neither reaches nothing", async () => {
  expect(await statusOf("elsewhere", "run-of-another", "home-of-another")).toBe("pass");
});
