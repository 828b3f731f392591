import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { homePaths } from "../../lib/model/home-paths";
import { serveSandbox } from "../../lib/sandbox/serve";
import { identity } from "../../lib/sandbox/server";
import { scratchFolder } from "../support/folder";

let other: Server;
afterEach(() => new Promise((closed) => other.close(closed)));

/** Something that listens where the sandbox would. */
async function listening(answer: () => Promise<unknown>): Promise<string> {
  other = createServer(async (_request, response) => response.end(JSON.stringify(await answer())));
  await new Promise<void>((started) => other.listen(0, "127.0.0.1", started));
  return `http://127.0.0.1:${(other.address() as AddressInfo).port}/api/v1`;
}

const place = () => homePaths(join(scratchFolder(), "home"));

test("a sandbox that answers late, as on a busy host, is used", async () => {
  const late = () => new Promise((answer) => setTimeout(answer, 1500, identity));
  expect(await serveSandbox({ home: place(), baseUrl: await listening(late) })).toBeUndefined();
});

test("another program at its port is told", async () => {
  const served = serveSandbox({
    home: place(),
    baseUrl: await listening(async () => ({ sandbox: "other" })),
  });
  await expect(served).rejects.toThrow("The sandbox cannot listen on 127.0.0.1");
});
