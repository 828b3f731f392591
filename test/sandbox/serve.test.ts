import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { homePaths } from "../../lib/model/home-paths";
import { serveSandbox } from "../../lib/sandbox/serve";
import { identity } from "../../lib/sandbox/server";
import { scratchFolder } from "../support/folder";

let other: Server | undefined;
afterEach(() => new Promise((closed) => (other ? other.close(closed) : closed(undefined))));

/** Something that listens where the sandbox would. */
async function listening(answer: () => Promise<unknown>): Promise<string> {
  const server = createServer(async (_request, response) => response.end(JSON.stringify(await answer())));
  other = server;
  await new Promise<void>((started) => server.listen(0, "127.0.0.1", started));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
}

const place = () => homePaths(join(scratchFolder(), "home"));

test("a sandbox that answers late, as on a busy host, is used", async () => {
  const late = () => new Promise((answer) => setTimeout(answer, 1500, identity));
  expect(await serveSandbox({ home: place(), baseUrl: await listening(late) })).toBeUndefined();
});

test("another program at its port is reported", async () => {
  const served = serveSandbox({
    home: place(),
    baseUrl: await listening(async () => ({ sandbox: "other" })),
  });
  await expect(served).rejects.toThrow("The sandbox cannot listen on 127.0.0.1");
});

test("one that serves for this instance directory is used; another's, which refuses its key, is reported", async () => {
  const home = place();
  const sandbox = await serveSandbox({ home, baseUrl: "http://127.0.0.1:0/api/v1" });
  const { baseUrl = "" } = sandbox ?? {};
  expect(await serveSandbox({ home, baseUrl })).toBeUndefined();
  await expect(serveSandbox({ home: place(), baseUrl })).rejects.toThrow(
    /another sandbox[\s\S]*one at a time/,
  );
  await sandbox?.close();
});
