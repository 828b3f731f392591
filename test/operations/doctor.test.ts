import { join } from "node:path";
import { loopbackRule } from "../../lib/docker/engine";
import { isClosedByPerson } from "../../lib/host/loopback-rule";
import { inspectHost } from "../../lib/operations/doctor";
import { FakeEngine, scratchFolder } from "../host/support";

jest.mock("../../lib/host/loopback-rule", () => ({ isClosedByPerson: jest.fn(async () => false) }));

const root = scratchFolder();

test("an engine before 28 is told with the reason, and with the rule that closes its ports", async () => {
  const fake = new FakeEngine(join(root, "docker.sock"));
  fake.version = "20.10.24+dfsg1";
  await fake.listen();
  const env = {
    PATH: join(root, "nothing"),
    HOME: root,
    DOCKER_HOST: `unix://${fake.socket}`,
    OPENCLAW_OPENROUTER_CACHE: join(root, "cache"),
  };
  const look = async () => {
    const found = await inspectHost({ instance: "default", home: root, wantedImage: "x/vault:1", env });
    return found.find(({ id }) => id === "docker.engine");
  };
  expect(await look()).toMatchObject({
    status: "warn",
    summary: expect.stringMatching(/20\.10\.24\+dfsg1 at \S+ .*older than 28: .* published on 127\.0\.0\.1$/),
    fix: loopbackRule,
  });
  jest.mocked(isClosedByPerson).mockResolvedValue(true);
  expect(await look()).toMatchObject({ status: "pass" });
  await fake.close();
});
