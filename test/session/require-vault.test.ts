import type { EngineContext } from "../../lib/session/context";
import { requireVault } from "../../lib/session/require-vault";
import { replacingRecord } from "../../lib/store/records/replacing-record";
import { describeInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";

jest.mock("../../lib/session/open-vault", () => ({ openAsPhase: async () => undefined }));

test("without a container it is not deployed, unless an unfinished command removed it, which resumes", async () => {
  const deployment = describeInstance({}, { home: scratchFolder() });
  const fixOf = () =>
    requireVault({ deployment } as EngineContext).catch(({ props }: { props: { fix: string } }) => props.fix);
  expect(await fixOf()).toBe("openclaw-openrouter up");
  replacingRecord.write(deployment.home, {
    ...{ command: "upgrade", backup: "/backups/before.tar", since: "2026-11-25T12:00:00.000Z" },
    ...{ stage: "replaced", hadData: true },
  });
  expect(await fixOf()).toContain("openclaw-openrouter vault upgrade");
});
