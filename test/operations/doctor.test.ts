import * as fs from "node:fs/promises";
import { join } from "node:path";
import { loopbackRule } from "../../lib/docker/engine";
import { isClosedByPerson } from "../../lib/host/loopback-rule";
import { inspectHost } from "../../lib/operations/doctor";
import { FakeEngine, scratchFolder } from "../host/support";

jest.mock("../../lib/host/loopback-rule", () => ({ isClosedByPerson: jest.fn(async () => false) }));

jest.mock("node:fs/promises", () => {
  const actual = jest.requireActual<typeof fs>("node:fs/promises");
  return { ...actual, statfs: jest.fn(actual.statfs) };
});

const root = scratchFolder();

test("an engine before 28 is reported with the reason, and with the rule that closes its ports", async () => {
  const fake = new FakeEngine(join(root, "docker.sock"));
  fake.version = "20.10.24+dfsg1";
  await fake.listen();
  const look = () => lookAt(fake, "docker.engine");
  expect(await look()).toMatchObject({
    status: "warn",
    summary: expect.stringMatching(/20\.10\.24\+dfsg1 at \S+ .*older than 28: .* published on 127\.0\.0\.1$/),
    fix: loopbackRule,
  });
  jest.mocked(isClosedByPerson).mockResolvedValue(true);
  expect(await look()).toMatchObject({ status: "pass" });
  await fake.close();
});

test("the disk of the engine's data is reported, since Vault stops once it is full", async () => {
  const fake = new FakeEngine(join(root, "docker.sock"));
  fake.dataFolder = join(root, "docker");
  await fake.listen();
  const look = () => lookAt(fake, "docker.disk");
  expect(await look()).toBeUndefined();
  const { statfs } = jest.requireActual<typeof fs>("node:fs/promises");
  const room = (bavail: number) =>
    jest.mocked(fs.statfs).mockImplementation((async (path: string) => {
      if (path === fake.dataFolder) return { bavail, bsize: 4096 };
      return statfs(path);
    }) as typeof fs.statfs);
  room(100);
  expect(await look()).toMatchObject({
    status: "fail",
    summary: expect.stringMatching(/^0\.0 GB free at \S+docker: a Vault whose disk is full serves nothing$/),
  });
  room(1e6);
  expect(await look()).toMatchObject({ status: "pass" });
  await fake.close();
});

async function lookAt(fake: FakeEngine, id: string) {
  const env = {
    PATH: join(root, "nothing"),
    HOME: root,
    DOCKER_HOST: `unix://${fake.socket}`,
    OPENCLAW_OPENROUTER_CACHE: join(root, "cache"),
  };
  const found = await inspectHost({ instance: "default", home: root, wantedImage: "x/vault:1", env });
  return found.find((finding) => finding.id === id);
}
