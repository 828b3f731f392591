import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { hostPlatform } from "../../../lib/core/system/platform";
import { type SharedProviders, withSharedProviders } from "../../../lib/terraform/fast/shared-providers";
import { lockFile } from "../../../lib/terraform/installed-providers";
import { scratchFolder } from "../../support/folder";

const { os, arch } = hostPlatform();
const address = "registry.terraform.io/hashicorp/vault";
let folder: string;

/** A stack that locks one provider, with a shell script instead of its program. */
beforeEach(() => {
  folder = scratchFolder();
  writeFileSync(
    join(folder, lockFile),
    `# by terraform init\n\nprovider "${address}" {\n  version     = "5.9.0"\n  constraints = "5.9.0"\n  hashes = [\n    "h1:x",\n  ]\n}\n`,
  );
  install("5.9.0", `echo $$ >> ${folder}/pids; echo '1|6|unix|/sockets/one|grpc|'; exec sleep 60`);
});

function install(version: string, script: string): void {
  const program = join(
    folder,
    "data/providers",
    address,
    version,
    `${os}_${arch}`,
    "terraform-provider-vault",
  );
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
}

const env = (more: Record<string, string> = {}) => ({
  PATH: process.env.PATH ?? "",
  TF_DATA_DIR: join(folder, "data"),
  ...more,
});

/** What Terraform would be told to use. */
const lent = (providers: SharedProviders, more?: Record<string, string>) =>
  providers.lend(folder, env(more), async ({ TF_REATTACH_PROVIDERS: told }) => told && JSON.parse(told));

const pids = () => readFileSync(join(folder, "pids"), "utf8").trim().split("\n").map(Number);

test("Terraform is told where the locked version of a provider listens, and that it is not its to end", async () => {
  install("5.8.0", "echo '1|5|unix|/sockets/other|grpc|'; exec sleep 60");
  await withSharedProviders(async (providers) =>
    expect(await lent(providers)).toEqual({
      [address]: {
        Protocol: "grpc",
        ProtocolVersion: 6,
        Pid: expect.any(Number),
        Test: true,
        Addr: { Network: "unix", String: "/sockets/one" },
      },
    }),
  );
});

test("runs one after the other use the same provider, and runs at once one each", async () => {
  await withSharedProviders(async (providers) => {
    await lent(providers);
    await lent(providers);
    expect(pids()).toHaveLength(1);
    await providers.lend(folder, env(), () => lent(providers));
    expect(pids()).toHaveLength(2);
    await Promise.all([lent(providers), lent(providers)]);
    expect(pids()).toHaveLength(2);
  });
});

test("another environment is another provider's, but for what is Terraform's in it", async () => {
  await withSharedProviders(async (providers) => {
    await lent(providers);
    await lent(providers, { TF_IN_AUTOMATION: "1" });
    expect(pids()).toHaveLength(1);
    await lent(providers, { DOCKER_HOST: "unix:///other.sock" });
    expect(pids()).toHaveLength(2);
  });
});

test("they end with the work, failed or not", async () => {
  const failing = withSharedProviders(async (providers) => {
    await lent(providers);
    throw new Error("failed");
  });
  await expect(failing).rejects.toThrow("failed");
  expect(pids().filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
});

test("those whose user was not waited for end after it", async () => {
  let use: Promise<unknown> = Promise.resolve();
  await withSharedProviders(async (providers) => {
    use = lent(providers);
  });
  expect(await use).toHaveProperty([address]);
  expect(pids().filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
});

test("one that died is replaced", async () => {
  await withSharedProviders(async (providers) => {
    await lent(providers);
    process.kill(pids()[0] ?? 0, "SIGKILL");
    // Its end is noticed by whoever gives it back next.
    while (pids().length < 2) {
      await new Promise(setImmediate);
      await lent(providers);
    }
    expect(await lent(providers)).toHaveProperty([address]);
    expect(pids()).toHaveLength(2);
  });
});

test("a stack without providers has no lock, and needs none", async () => {
  rmSync(join(folder, lockFile));
  await withSharedProviders(async (providers) => expect(await lent(providers)).toEqual({}));
});

test.each([
  ["does not start", "exit 1"],
  ["says nothing that can be understood", "echo starting; exec sleep 60"],
])("a provider that %s is left to Terraform", async (_what, script) => {
  install("5.9.0", script);
  await withSharedProviders(async (providers) => expect(await lent(providers)).toEqual({}));
});

test("and so is one that is not installed, as where a development override stands for it", async () => {
  await withSharedProviders(async (providers) =>
    expect(await lent(providers, { TF_DATA_DIR: join(folder, "none") })).toEqual({}),
  );
});

test.each(["TF_LOG", "TF_LOG_PROVIDER"])(
  "where %s asks for a log, Terraform starts its own",
  async (name) => {
    await withSharedProviders(async (providers) =>
      expect(await lent(providers, { [name]: "debug" })).toBeUndefined(),
    );
  },
);
