import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { withEphemeralVault } from "../../lib/backup/ephemeral-vault";
import { EngineApi } from "../../lib/docker/engine-api";
import { isOurVolume, ourContainer } from "../../lib/docker/ours";
import { copyVolume, emptyVolume, ensureVolume, removeVolume } from "../../lib/docker/volumes";
import { instanceLabel } from "../../lib/model/instance-label";
import { scratchFolder } from "../support/folder";

/** An engine on which every name is taken by something with these labels. */
class TakenEngine {
  labels: Record<string, string> = {};
  readonly changed: string[] = [];
  readonly socket = join(scratchFolder(), "engine.sock");
  readonly api = new EngineApi(this.socket);
  private readonly server: Server = createServer((request, response) => {
    const path = request.url ?? "";
    // The engine gives a volume that is there back, whatever labels are asked for.
    if (request.method !== "GET" && path !== "/volumes/create")
      this.changed.push(`${request.method} ${path}`);
    const container = {
      Id: "theirs",
      Name: "/vault",
      Image: "x",
      Created: "x",
      RestartCount: 0,
      State: { Status: "running", Running: true, ExitCode: 0, StartedAt: "x" },
      Config: { Labels: this.labels },
      HostConfig: {},
    };
    const body = path.startsWith("/containers/") ? container : { Name: "vault-data", Labels: this.labels };
    request.resume().on("end", () => response.end(JSON.stringify(body)));
  });

  listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(this.socket, resolve));
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

describe("what lacks the instance's label", () => {
  const engine = new TakenEngine();
  const volumes = { engine: engine.api, image: "image", instanceId: "ours" };
  beforeAll(() => engine.listen());
  beforeEach(() => {
    engine.changed.length = 0;
  });
  afterAll(() => engine.close());

  const refused = "not this instance's. It was not touched";
  test.each([
    ["no label", {}],
    ["another instance's", { [instanceLabel]: "theirs" }],
  ])("is not touched: %s", async (_, labels) => {
    engine.labels = labels as Record<string, string>;
    await expect(ourContainer(engine.api, "vault", "ours")).rejects.toThrow(refused);
    await expect(isOurVolume(engine.api, "vault-data", "ours")).rejects.toThrow(refused);
    await expect(ensureVolume(volumes, "vault-data")).rejects.toThrow(refused);
    await expect(emptyVolume(volumes, "vault-data")).rejects.toThrow(refused);
    await expect(copyVolume(volumes, "vault-data", "vault-data-before")).rejects.toThrow(refused);
    await removeVolume(volumes, "vault-data");
    const props = { name: "vault-ephemeral", image: "image", instanceId: "ours" };
    await expect(withEphemeralVault(engine.api, props, async () => {})).rejects.toThrow("It was not touched");
    expect(engine.changed).toEqual([]);
  });

  test("what has it is found", async () => {
    engine.labels = { [instanceLabel]: "ours" };
    expect((await ourContainer(engine.api, "vault", "ours"))?.Id).toBe("theirs");
    expect(await isOurVolume(engine.api, "vault-data", "ours")).toBe(true);
  });
});
