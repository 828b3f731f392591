import { join } from "node:path";
import { ExitCode } from "../../lib/core/exit-codes";
import { openInstance } from "../../lib/session/load-deployment";
import { ensureInstance, instanceHome } from "../../lib/store/home";
import { beginInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";

const before = { ...process.env };
beforeEach(() => {
  process.env.OPENCLAW_OPENROUTER_HOME = join(scratchFolder(), "homes");
  delete process.env.OPENCLAW_OPENROUTER_INSTANCE;
});
afterEach(() => {
  process.env = { ...before };
});

test("an instance of which synth alone wrote the declaration is not deployed, whatever else runs on the host", () => {
  ensureInstance(instanceHome("default"));
  expect(() => openInstance({})).toThrow(
    expect.objectContaining({
      exitCode: ExitCode.NotDeployed,
      message: expect.stringMatching(/got: +no trace of a deploy in .*\n +fix: +openclaw-openrouter up$/),
    }),
  );
});

test("one whose deploy was killed is opened, and is the only deployed one beside a declared one", () => {
  ensureInstance(instanceHome("default"));
  beginInstance(instanceHome("paris"));
  expect(openInstance({}).instance).toBe("paris");
  expect(() => openInstance({ instance: "lyon" })).toThrow(/instance\.json; deployed here: paris \(/);
});
