import { existsSync } from "node:fs";
import { UserError } from "../../lib/core/errors";
import { silent } from "../../lib/core/progress";
import type { HomeFile } from "../../lib/docker/home-files";
import type { HomePaths } from "../../lib/model/home-paths";
import { identities, identityNames } from "../../lib/model/vault/identities";
import { readCredential } from "../../lib/store/credentials";
import {
  type AskForShares,
  type BootstrapResult,
  type BootstrapStep,
  bootstrap,
} from "../../lib/vault/bootstrap";
import { readShares, type Shares } from "../../lib/vault/shares/shares-file";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { type Stub, serveStub } from "../support/vault/server";
import { StubVault } from "../support/vault/vault";

/** The volume on which the stub's Vault lies. */
export const volume = { name: "vault-data", created: "2026-11-23T10:00:00Z" };

interface RunOptions {
  /** The step at which the process is killed. */
  readonly dieAt?: BootstrapStep;
  readonly writeTokenHelper?: boolean;
  readonly renewIdentities?: boolean;
  readonly requireUnchanged?: boolean;
  readonly askForShares?: AskForShares;
  readonly renewCopies?: (home: HomePaths) => string | undefined;
}

/** A Vault behind HTTP and an instance's home, with bootstrap to run on both. */
export class Bed {
  readonly vault = new StubVault();
  readonly home: HomePaths = homeOf(scratchFolder());
  /** What was written into the container's home. */
  helper: readonly HomeFile[] | undefined;
  /** How often data was set aside. */
  asides = 0;

  private constructor(readonly stub: Stub) {}

  static async make(): Promise<Bed> {
    const stub = await serveStub((call) => bed.vault.answer(call));
    const bed = new Bed(stub);
    return bed;
  }

  run({ dieAt, ...options }: RunOptions = {}): Promise<BootstrapResult> {
    const parameters = {
      home: this.home.root,
      address: this.stub.address,
      container: "vault",
      dataVolume: volume.name,
      shares: 5,
      threshold: 3,
    };
    const host = {
      dataVolume: async () => volume,
      setDataAside: async () => {
        this.asides += 1;
        this.vault.empty();
        return { keptAt: "vault-data:aside" };
      },
      requireAlive: async () => {},
      writeHomeFiles: async (files: readonly HomeFile[]) => {
        this.helper = files;
      },
    };
    return bootstrap(parameters, host, {
      progress: silent,
      renewCopies: () => undefined,
      ...options,
      async onStep(step) {
        if (step === dieAt) throw new Error(`killed at ${step}`);
      },
    });
  }

  shares(): Shares {
    return readShares(this.home.shares) as Shares;
  }
}

/** The text of the error in which a run ends: one that a person can fix. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  return String(error);
}

/** What every run has to end in. */
export function expectOpen({ vault, home }: Bed): void {
  const { audit, engines } = vault.mounts;
  expect([...audit]).toEqual([
    ["file/", { type: "file", description: "", options: { file_path: "stdout" } }],
  ]);
  expect(engines.get("secret/")).toMatchObject({ type: "kv", options: { version: "2" } });
  expect(vault.sealed).toBe(false);
  expect([...vault.roots]).toEqual([]);
  const shares = readShares(home.shares) as Shares;
  expect(shares.rootToken).toBeUndefined();
  expect(shares.shares).toEqual(vault.shares);
  expect(existsSync(home.initPending)).toBe(false);
  for (const name of identityNames) {
    const role = vault.roles.get(identities[name].role)!;
    const credential = readCredential(home, name)!;
    expect(credential.roleId).toBe(role.roleId);
    // The older ones were destroyed.
    expect([...role.secretIds.keys()]).toEqual([credential.secretId]);
  }
}
