import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hostAlerts } from "../../../lib/check/checks/host-alerts";
import type { CheckContext } from "../../../lib/check/context";
import { type HomePaths, homePaths } from "../../../lib/model/home-paths";
import { beat, heartbeatHost, removeHeartbeat, setHeartbeat } from "../../../lib/operations/alerts/heartbeat";
import { observeHost } from "../../../lib/operations/alerts/observe-host";
import { readState } from "../../../lib/operations/alerts/tell";
import { unheardBecause } from "../../../lib/store/records/alert-state";
import { scratchFolder } from "../../support/folder";

const called: string[] = [];
let statuses: Record<string, number> = { "/beat": 200 };
const service = createServer((request, response) => {
  called.push(request.url ?? "");
  response.writeHead(statuses[request.url ?? ""] ?? 404, { Connection: "close" }).end();
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
  await removeHeartbeat(home);
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

describe("a service that took the heartbeat's calls, and does not any more", () => {
  afterEach(() => {
    statuses = { "/beat": 200 };
  });
  const seen = async (home: HomePaths) => {
    const { conditions } = await observeHost({ instance: "default", home }, new Date(), () => 2e9);
    const [line] = (await hostAlerts.run({ home, now: () => new Date() } as CheckContext)).problems ?? [];
    return [line?.warning, ...conditions.map(({ id, twice }) => `${id} ${twice}`)];
  };
  const told = ["refused:heartbeat", "alerts.refused:heartbeat true"];

  test.each([308, 401, 404, 410])("refuses them with %d: that is told until it takes one", async (status) => {
    const home = homePaths(scratchFolder());
    await beat(home, `http://${host}/beat`);
    expect(await seen(home)).toEqual([undefined]);
    statuses = { "/beat": status };
    await beat(home, `http://${host}/beat`);
    expect(unheardBecause(readState(home))).toContain(`(status ${status})`);
    expect(await seen(home)).toEqual(told);
    statuses = { "/beat": 503 };
    await beat(home, `http://${host}/beat`);
    expect(await seen(home)).toEqual(told);
    statuses = { "/beat": 200 };
    await beat(home, `http://${host}/beat`);
    expect(await seen(home)).toEqual([undefined]);
  });

  test.each([408, 429, 500, 503])("is down or busy (%d): it misses the call itself", async (status) => {
    const home = homePaths(scratchFolder());
    statuses = { "/beat": status };
    await beat(home, `http://${host}/beat`);
    expect(await seen(home)).toEqual([undefined]);
  });

  test("is not told of once the heartbeat has another URL, or none", async () => {
    const home = homePaths(scratchFolder());
    await beat(home, `http://${host}/gone`);
    await setHeartbeat(home, `http://${host}/beat`);
    expect(await seen(home)).toEqual([undefined]);
    await beat(home, `http://${host}/gone`);
    await removeHeartbeat(home);
    expect(await seen(home)).toEqual([undefined]);
  });
});
