import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { runChecks } from "../../../lib/check";
import type { AlertMessage } from "../../../lib/model/alert";
import { checkParametersOf } from "../../../lib/model/run-parameters";
import { recordScheduledCheck } from "../../../lib/operations/alerts/scheduled";
import { channelsRecord } from "../../../lib/store/records/alert-channels";
import { type Bed, key, makeBed } from "../../check/support";
import { isFull } from "../../e2e/support/full";

const hour = 3_600_000;
const day = 24 * hour;
/** Between two checks. */
const pause = (isFull ? 4 : 12) * hour;
const begin = Date.UTC(2026, 10, 1);

/** What the key has spent at a time: 0.30 EUR a day, and on the 12th 24 EUR by an agent that runs wild at noon. */
function spentAt(time: number, eur: number): { monthly: number; daily: number } {
  const gone = (time - begin) / day;
  const wild = begin + 11.5 * day;
  const onDay = Math.floor(gone);
  const steady = 0.3 * eur;
  return {
    monthly: steady * gone + (time >= wild ? 24 * eur : 0),
    daily: steady * (gone - onDay) + (onDay === 11 && time >= wild ? 24 * eur : 0),
  };
}

describe("a month of an account", () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await makeBed();
  });
  afterAll(() => bed.close());

  test("is told of in exactly these messages, each once, though the network is gone on two days", async () => {
    const received: string[] = [];
    let isThere = true;
    const server = createServer(async (request, response) => {
      if (!isThere) return request.destroy();
      const { data } = JSON.parse(await text(request)) as { data: AlertMessage };
      received.push(`${data.at.slice(8, 10)} ${data.phase} ${data.event}`);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { home } = bed.deployment;
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    channelsRecord.write(home, {
      channels: [{ name: "webhook", kind: "webhook", target, added: new Date(begin).toISOString() }],
    });
    const parameters = checkParametersOf(bed.deployment);
    const { usdPerEur } = parameters.budget;
    const check = async (time: number, network = true) => {
      const now = new Date(time);
      await bed.openrouter.setClock(now.toISOString());
      const { monthly, daily } = spentAt(time, usdPerEur);
      await bed.openrouter.putKey({
        key,
        limit: 30 * usdPerEur,
        usage: { total: monthly, daily, weekly: monthly, monthly },
      });
      isThere = network;
      const report = await runChecks({
        parameters: { ...parameters, ...(network ? {} : { baseUrl: "http://127.0.0.1:1/api/v1" }) },
        spend: false,
        unseal: true,
        skip: ["docker.exec", "openclaw.config", "openclaw.gateway", "openclaw.user", "host.schedules"],
        progress: () => {},
        now: () => now,
      });
      await recordScheduledCheck(bed.deployment, parameters, report);
    };
    // The key was stored when the month began.
    bed.vault.secret!.created = new Date(begin);
    for (let time = begin + 15 * 60_000; time < begin + 30 * day; time += pause) {
      const date = 1 + Math.floor((time - begin) / day);
      // The reboot of the 20th falls between two checks: the host unseals Vault at its start.
      if (time === begin + 24 * day + 12.25 * hour) {
        bed.vault.sealed = true;
        for (const quarter of [0, 1, 2, 3]) await check(time + quarter * 15 * 60_000);
        bed.vault.sealed = false;
        await check(time + hour);
      } else await check(time, date !== 12 && date !== 13);
    }
    await new Promise((resolve) => server.close(resolve));
    const ofReceiver = (each: string) => each.endsWith("alerts.refused:webhook");
    expect(received.filter(ofReceiver)).toEqual([
      // After a day of tries.
      `${isFull ? 13 : 14} raised alerts.refused:webhook`,
      "14 resolved alerts.refused:webhook",
    ]);
    expect(received.filter((each) => !ofReceiver(each))).toEqual([
      // By the same network as the receiver, which gets it with what it missed.
      "12 raised openrouter.unreachable",
      "14 raised spending.alert",
      "14 raised spending.limit-80",
      "14 raised spending.day",
      "14 resolved openrouter.unreachable",
      // 27.30 EUR on the 12th, and 0.30 a day after it: the 30 EUR are full on the 21st.
      "21 raised spending.limit-100",
      "25 raised vault.sealed",
      "25 resolved vault.sealed",
    ]);
  }, 300_000);
});
