import { endUnsealing } from "../../../lib/session/schedule/end-unsealing";
import { type RekeyRecord, rekeyRecord } from "../../../lib/store/records/rekey-record";
import { storeShares } from "../../../lib/vault/shares/shares-file";
import { homeOf } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const mockUninstall = jest.fn(async (_: object): Promise<object> => ({ found: true }));
jest.mock("../../../lib/session/schedule/schedule", () => ({
  uninstallSchedule: (options: object) => mockUninstall(options),
}));

const created = "2026-11-25T12:00:00.000Z";
const begun: RekeyRecord = {
  ...{
    generation: 2,
    replaces: 1,
    shares: 1,
    threshold: 1,
    since: created,
    nonce: "n",
    way: "distributed",
    holders: [],
  },
  ...{ seen: { before: [], after: [] }, verifying: true },
};
const deployment = () => ({ home: homeOf(scratchFolder()), instance: "default" });

beforeEach(() => mockUninstall.mockClear());

test("the schedule to unseal goes when a rekey ended whose shares people have", async () => {
  expect(await endUnsealing(deployment(), begun)).toBeUndefined();
  expect(mockUninstall).toHaveBeenCalledWith(expect.objectContaining({ command: "unseal" }));
  mockUninstall.mockResolvedValueOnce({ found: true, cronLine: "@reboot unseal" });
  expect(await endUnsealing(deployment(), begun)).toContain("crontab -e: @reboot unseal");
});

test("it stays without a rekey, while one waits, and where the shares are on this host", async () => {
  const waiting = deployment();
  rekeyRecord.write(waiting.home, begun);
  const kept = deployment();
  storeShares(kept.home.shares, { shares: ["a"], threshold: 1, generation: 1, created });
  await endUnsealing(deployment(), undefined);
  await endUnsealing(deployment(), { ...begun, way: "kept" });
  await endUnsealing(waiting, begun);
  await endUnsealing(kept, begun);
  expect(mockUninstall).not.toHaveBeenCalled();
});
