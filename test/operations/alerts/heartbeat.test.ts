import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homePaths } from "../../../lib/model/home-paths";
import { heartbeatHost, removeHeartbeat, setHeartbeat } from "../../../lib/operations/alerts/heartbeat";
import { scratchFolder } from "../../support/folder";

const called: string[] = [];
const service = createServer((request, response) => {
  called.push(request.url ?? "");
  response.writeHead(request.url === "/beat" ? 200 : 404, { Connection: "close" }).end();
});
let host = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  host = `127.0.0.1:${(service.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => service.close(resolve)));

test("a heartbeat is set after its URL took a call, and is removed", async () => {
  const home = homePaths(scratchFolder());
  await setHeartbeat(home, `http://${host}/beat`);
  expect([called.splice(0), heartbeatHost(home)]).toEqual([["/beat"], host]);
  removeHeartbeat(home);
  expect(heartbeatHost(home)).toBeUndefined();
});

test.each([
  ["that its service does not know", () => `http://${host}/mistyped-secret`, "status 404"],
  ["at which nothing listens", () => "http://127.0.0.1:1/secret", "ECONNREFUSED"],
  ["without TLS", () => "http://192.0.2.1/secret", "kind http:"],
  ["with a login", () => "https://a:secret@192.0.2.1/", "login"],
  ["that is none", () => "secret", "no URL"],
])("a URL %s is not set, and not told", async (_, url, got) => {
  const home = homePaths(scratchFolder());
  const error: Error = await setHeartbeat(home, url()).catch((thrown) => thrown);
  expect(JSON.stringify([error.message, error])).toContain(got);
  expect(JSON.stringify([error.message, error])).not.toContain("secret");
  expect(heartbeatHost(home)).toBeUndefined();
});
