import { EngineError } from "../../lib/docker/engine-api";
import { homeFolder } from "../../lib/docker/home-files";
import type { DriftContext } from "../../lib/drift/context";
import { container } from "../../lib/drift/probes/container";
import { vaultFiles } from "../../lib/drift/probes/vault-files";
import { vaultServer } from "../../lib/drift/probes/vault-server";
import { findRootCauses } from "../../lib/drift/root-cause";
import { instanceLabel } from "../../lib/model/instance-label";
import { VaultUntrusted } from "../../lib/vault/unanswered";
import { makeCertificate } from "../support/certificate";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";

/** The root causes of a container in a state, on whose home volume no file is. */
async function causes(status: string, vaultProblem?: object): Promise<Record<string, string[]>> {
  const folder = scratchFolder();
  const now = {
    Id: "c1",
    Config: { Labels: { [instanceLabel]: "i" } },
    RestartCount: 3,
    State: { Status: status, ExitCode: 1, Pid: 0, StartedAt: "2026-11-01T10:00:00Z", FinishedAt: "" },
    Mounts: [{ Destination: homeFolder, Source: folder }],
  };
  const gone = async () => {
    throw new EngineError(404, "no such file");
  };
  const context = {
    home: homeOf(scratchFolder()),
    instanceId: "i",
    deployed: {
      container: "vault",
      address: "https://127.0.0.1:8200",
      tls: { ...makeCertificate(folder, "vault"), made: true },
      settings: { vault: { seal: { type: "shamir" } } },
    },
    engine: { api: { stream: gone, call: gone } },
    vaultProblem,
    options: { host: {} },
    seal: async () => undefined,
    container: async () => now,
    appliedContainer: async () => undefined,
    knownState: async () => undefined,
  } as unknown as DriftContext;
  const found = await Promise.all([container, vaultServer, vaultFiles].map((each) => each.inspect(context)));
  return Object.fromEntries(
    findRootCauses(found.flat()).map(({ id, follows }) => [id, follows.map((each) => each.id)]),
  );
}

const files = ["certificate", "key", "ca"].map((name) => `vault.files.tls/${name}.pem`);

test("files that Vault needs to start are why its container does not stay up, and not the other way round", async () => {
  expect(await causes("restarting")).toEqual({
    [files[0]!]: ["container.restarting", "vault.unreachable"],
    [files[1]!]: [],
    [files[2]!]: [],
  });
});

test("a stopped container explains neither lost files nor something else that answers at Vault's address", async () => {
  const stranger = new VaultUntrusted({ problem: "another certificate", got: "CN=x" });
  expect(await causes("exited", stranger)).toEqual({
    "container.stopped": [],
    "vault.untrusted": [],
    ...Object.fromEntries(files.map((id) => [id, []])),
  });
});
