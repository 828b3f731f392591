import { Readable } from "node:stream";
import { type EngineApi, EngineError } from "../../lib/docker/engine-api";
import { ephemeralLabel } from "../../lib/docker/ephemeral";
import { programOf } from "../../lib/docker/image-program";

const home = "/homes/default";

/** An engine with one image. */
class OneImage {
  readonly calls: string[] = [];
  left: { Id: string }[] = [];
  readonly created: { Entrypoint: string[]; HostConfig: object }[] = [];

  /** @param programs what each program in it prints */
  constructor(
    private readonly labels: Record<string, string>,
    private readonly programs: Record<string, string> = {},
  ) {}

  get api(): EngineApi {
    return this as unknown as EngineApi;
  }

  async containers(query: string) {
    this.calls.push(`GET ${new URLSearchParams(query).get("filters")}`);
    return this.left;
  }

  async inspectImage() {
    return { Id: "sha256:one", Config: { Labels: this.labels } };
  }

  async call(method: string, path: string, { body }: { body?: never } = {}) {
    this.calls.push(`${method} ${path}`);
    if (body) this.created.push(body);
    return { Id: "made", StatusCode: 0 };
  }

  async startContainer() {
    const name = this.created.at(-1)?.Entrypoint[0] ?? "";
    if (!(name in this.programs))
      throw new EngineError(400, `exec: "${name}": executable file not found in $PATH`);
  }

  async stream() {
    return Readable.from([Buffer.from(this.programs[this.created.at(-1)?.Entrypoint[0] ?? ""] ?? "")]);
  }
}

const remove = "DELETE /containers/made?force=true&v=true";

test("labels of Vault's own are enough: nothing is run", async () => {
  const engine = new OneImage({ name: "Vault", vendor: "HashiCorp", version: "1.21.2" });
  expect(await programOf(engine.api, "hashicorp/vault:latest", home)).toEqual({
    id: "sha256:one",
    product: "Vault",
    version: "1.21.2",
  });
  expect(engine.calls).toEqual([]);
});

test("without them the program in it is asked, whatever the tag says, with no network, volume or right", async () => {
  const engine = new OneImage(
    { "org.opencontainers.image.version": "1.21.2" },
    { vault: "Vault v2.0.0 (abc)\n" },
  );
  expect(await programOf(engine.api, "test/vault:1.21.2", home)).toMatchObject({
    product: "Vault",
    version: "2.0.0",
  });
  expect(engine.created).toEqual([
    expect.objectContaining({
      Image: "sha256:one",
      Entrypoint: ["vault", "version"],
      Tty: true,
      NetworkDisabled: true,
      HostConfig: expect.objectContaining({ NetworkMode: "none", CapDrop: ["ALL"], ReadonlyRootfs: true }),
    }),
  ]);
  expect(engine.created[0]?.HostConfig).not.toHaveProperty("Mounts");
  expect(engine.calls.at(-1)).toBe(remove);
});

test("OpenBao is known by its own program", async () => {
  const engine = new OneImage({}, { bao: "OpenBao v2.5.0 (abc)\n" });
  expect(await programOf(engine.api, "openbao/openbao:latest", home)).toMatchObject({
    product: "OpenBao",
    version: "2.5.0",
  });
  expect(engine.calls.filter((call) => call === remove)).toHaveLength(2);
});

test("the container that a killed run of the instance left is removed before another one is made", async () => {
  const engine = new OneImage({}, { vault: "Vault v1.21.2 (abc)\n" });
  engine.left = [{ Id: "left" }];
  await programOf(engine.api, "test/vault:1.21.2", home);
  expect(engine.calls.slice(0, 3)).toEqual([
    `GET ${JSON.stringify({ label: [ephemeralLabel, `openclaw-openrouter.asked-for=${home}`] })}`,
    "DELETE /containers/left?force=true&v=true",
    "POST /containers/create",
  ]);
  expect(engine.created).toEqual([
    expect.objectContaining({
      Labels: { [ephemeralLabel]: "true", "openclaw-openrouter.asked-for": home },
    }),
  ]);
});

test("an image with neither is refused", async () => {
  const engine = new OneImage({});
  await expect(programOf(engine.api, "busybox", home)).rejects.toThrow(
    "cannot be told which Vault is in the image busybox",
  );
});

test("what was found is remembered by the image's id, and another image under the same name is looked into", async () => {
  const engine = new OneImage({}, { vault: "Vault v2.0.0 (abc)\n" });
  const known = { id: "sha256:one", product: "Vault" as const, version: "1.21.2" };
  expect(await programOf(engine.api, "test/vault:1.21.2", home, known)).toBe(known);
  expect(engine.calls).toEqual([]);
  const moved = await programOf(engine.api, "test/vault:1.21.2", home, { ...known, id: "sha256:other" });
  expect(moved.version).toBe("2.0.0");
});
