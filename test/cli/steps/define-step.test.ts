import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineOfStep } from "../../../lib/cli/steps/define-step";
import { sha256 } from "../../../lib/core/fingerprint";
import { scratchFolder } from "../../support/folder";
import { testAsRoot } from "../../support/skip";

test.each([
  [undefined, "/var/run/docker.sock"],
  ["", "/var/run/docker.sock"],
  ["unix:///run/other.sock", "/run/other.sock"],
])("a step with DOCKER_HOST %j uses the engine of Terraform's provider", async (DOCKER_HOST, socket) => {
  const { socket: used } = await engineOfStep(DOCKER_HOST === undefined ? {} : { DOCKER_HOST });
  expect(used).toBe(socket);
});

test("a step follows DOCKER_CONTEXT, which the provider puts above DOCKER_HOST", async () => {
  const folder = scratchFolder();
  const meta = join(folder, "contexts/meta", sha256("rootless"));
  mkdirSync(meta, { recursive: true });
  writeFileSync(
    join(meta, "meta.json"),
    JSON.stringify({ Name: "rootless", Endpoints: { docker: { Host: "unix:///run/rootless.sock" } } }),
  );
  const { socket } = await engineOfStep({
    DOCKER_CONFIG: folder,
    DOCKER_CONTEXT: "rootless",
    DOCKER_HOST: "unix:///run/other.sock",
  });
  expect(socket).toBe("/run/rootless.sock");
});

test.each(["tcp://10.0.0.5:2375", "ssh://me@10.0.0.5"])(
  "a step refuses the engine %s",
  async (DOCKER_HOST) => {
    await expect(engineOfStep({ DOCKER_HOST })).rejects.toThrow("a Docker Engine that is not on this host");
  },
);

testAsRoot("a step of root refuses another user's engine, which would get Vault's private key", async () => {
  const socket = join(scratchFolder(), "docker.sock");
  writeFileSync(socket, "");
  chownSync(socket, 12345, 12345);
  await expect(engineOfStep({ DOCKER_HOST: `unix://${socket}` })).rejects.toThrow("of another user");
});
