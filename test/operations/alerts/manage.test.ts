import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { hostAlerts } from "../../../lib/check/checks/host-alerts";
import type { CheckContext } from "../../../lib/check/context";
import { settingsSchema } from "../../../lib/config/settings";
import { deployment } from "../../../lib/model/deployment";
import { addChannel, removeChannel, testChannels } from "../../../lib/operations/alerts/manage";
import { tell } from "../../../lib/operations/alerts/tell";
import { scriptOf } from "../../../lib/session/schedule/schedule-script";
import { takeLock } from "../../../lib/store/lock";
import type { AlertState } from "../../../lib/store/records/alert-state";
import { scratchFolder } from "../../support/folder";

let status = 200;
const received: string[] = [];
const receiver = createServer(async (request, response) => {
  const sent = await text(request);
  if (status === 200) received.push(JSON.parse(sent).data.summary);
  response.writeHead(status).end();
});
beforeEach(() => received.splice(0));
beforeAll(() => new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve)));
afterAll(() => receiver.close());

/** An instance whose only receiver refused whatever it was sent, and takes messages again. */
async function refused() {
  const root = scratchFolder();
  const instance = deployment("trial", settingsSchema.parse({}), root, root);
  writeFileSync(scriptOf(root, "check"), "#!/bin/sh\n");
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  const add = () => addChannel(instance, url);
  const { name } = await add();
  status = 404;
  const at = new Date().toISOString();
  const sealed = { id: "vault.sealed", severity: "critical" as const, summary: "Vault is sealed." };
  await tell(instance, [{ at, conditions: [sealed], determined: [] }]);
  status = 200;
  const { home } = instance;
  const check = () => hostAlerts.run({ home, now: () => new Date() } as CheckContext);
  expect((await check()).summary).toBe(`the receiver ${name} refused the last message (status 404)`);
  return { instance, home, name, add, check };
}

describe("the check no longer warns of a receiver that refused a message", () => {
  test("after it took a test", async () => {
    const { instance, name, check } = await refused();
    status = 410;
    await testChannels(instance, name);
    expect((await check()).status).toBe("warn");
    status = 200;
    await testChannels(instance, name);
    expect((await check()).status).toBe("pass");
  });

  test("after it was removed and another one got its name", async () => {
    const { home, name, add, check } = await refused();
    await removeChannel(home, name);
    expect((await add()).name).toBe(name);
    expect((await check()).status).toBe("pass");
  });
});

test("what waited for a receiver that refused everything arrives after a test reached it", async () => {
  const { instance, name } = await refused();
  await tell(instance, []);
  expect(received).not.toContain("Vault is sealed.");
  await testChannels(instance, name);
  await tell(instance, []);
  expect(received.filter((summary) => summary === "Vault is sealed.")).toHaveLength(1);
});

test("what is missing is called a receiver, as in `alerts list`", async () => {
  const { instance, home, name, add } = await refused();
  await expect(add()).rejects.toThrow(`the receiver ${name}`);
  await expect(removeChannel(home, "none")).rejects.toThrow("There is no receiver of that name.");
  await removeChannel(home, name);
  await expect(testChannels(instance, undefined)).rejects.toThrow("There is no receiver to test.");
});

test("the first receiver hears of what was found before there was one", async () => {
  const root = scratchFolder();
  const instance = deployment("trial", settingsSchema.parse({}), root, root);
  const found = () => {
    const sealed = { id: "vault.sealed", severity: "critical" as const, summary: "Vault is sealed." };
    const spent = {
      id: "spending.alert",
      severity: "warning" as const,
      summary: "10 EUR",
      period: "2026-11",
    };
    return tell(instance, [{ at: new Date().toISOString(), conditions: [sealed, spent], determined: [] }]);
  };
  await found();
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  await addChannel(instance, `${url}/first`);
  status = 503;
  const events = ({ spool }: AlertState) => spool.map(({ message }) => message.event);
  expect(events(await found())).toEqual(["vault.sealed", "spending.alert"]);
  status = 200;
  await addChannel(instance, `${url}/second`);
  status = 503;
  expect(events(await found())).toEqual(["vault.sealed", "spending.alert"]);
  status = 200;
});

test("the check warns of alerts that nothing sends, since no check is scheduled", async () => {
  const { instance, home, check } = await refused();
  await testChannels(instance, undefined);
  rmSync(scriptOf(home.root, "check"));
  expect(await check()).toMatchObject({
    status: "warn",
    summary: expect.stringMatching(/^no check is scheduled on this host/),
    fix: "openclaw-openrouter schedule add check",
  });
});

test("a run that delivers meanwhile is waited for: it would write its own state over this one", async () => {
  const { home, name } = await refused();
  const lock = takeLock(home.alertLock, "alerts", {});
  const order: string[] = [];
  setTimeout(() => {
    order.push("delivered");
    lock.release();
  }, 300);
  await removeChannel(home, name);
  expect([...order, "removed"]).toEqual(["delivered", "removed"]);
});
