import { statSync, writeFileSync } from "node:fs";
import { UserError } from "../../../lib/core/errors";
import { writeJson } from "../../../lib/core/files/files";
import { sha256 } from "../../../lib/core/fingerprint";
import type { HomePaths } from "../../../lib/model/home-paths";
import { keyFingerprint, keyVersion } from "../../../lib/model/openrouter-key";
import { writeHosts } from "../../../lib/store/records/hosts-record";
import {
  declaredKey,
  keySince,
  readKeyRecord,
  recordStoredKey,
  writeKeyRecord,
} from "../../../lib/store/records/key-record";
import {
  addPendingCleanup,
  type Removal,
  readPendingCleanups,
} from "../../../lib/store/records/pending-cleanups";
import { canary, homeOf } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const other = `${canary.slice(0, -4)}9999`;
let home: HomePaths;

beforeEach(() => {
  home = homeOf(scratchFolder());
});

function resource(type: string, name: string, attributes: object, more = {}) {
  return { mode: "managed", type, name, instances: [{ ...more, attributes }] };
}

/** Terraform's state, as far as read. */
function stateWith(...resources: object[]) {
  return { version: 4, lineage: "9b1d", serial: 3, resources };
}

/** A state with neighbours of other types. */
function writeState(version: unknown): void {
  const secret = resource("vault_kv_secret_v2", "openrouter", { data_json_wo_version: version });
  const mount = resource("vault_mount", "secret", { path: "secret" });
  writeJson(home.state("openrouter"), stateWith(mount, secret));
}

describe("without a key", () => {
  test("the version of the state is declared, with the recorded generation", () => {
    writeKeyRecord(home, { generation: 3, version: 11, retired: [] });
    writeState(12);
    expect(declaredKey(home.root, undefined)).toEqual({ keyGeneration: 3, keyVersion: 12 });
  });

  test("the recorded one is declared where the state lies elsewhere", () => {
    writeKeyRecord(home, { generation: 3, version: 11, retired: [] });
    expect(declaredKey(home.root, undefined)).toEqual({ keyGeneration: 3, keyVersion: 11 });
  });

  test("the state's is declared where nothing was recorded", () => {
    writeState(12);
    expect(declaredKey(home.root, "")).toEqual({ keyGeneration: 0, keyVersion: 12 });
  });

  test.each([
    ["no state", undefined],
    ["a state without the secret", stateWith()],
    ["a state of another kind", { version: 3, modules: [] }],
  ])("it is 0 with neither: %s", (_, state) => {
    if (state) writeJson(home.state("openrouter"), state);
    expect(declaredKey(home.root, undefined)).toEqual({ keyGeneration: 0, keyVersion: 0 });
  });

  test.each([
    ["that has run: its version", {}, 12],
    ["that failed: the recorded one, since nobody knows what it did", { status: "tainted" }, 11],
  ])("of a step that stores the key, %s", (_, more, expected) => {
    writeKeyRecord(home, { generation: 3, version: 11, retired: [] });
    const triggers_replace = { value: { "0": "12" }, type: ["object", { "0": "string" }] };
    const another = resource("terraform_data", "check_run", { triggers_replace: { value: { "0": "99" } } });
    const step = resource("terraform_data", "openrouter_key", { triggers_replace }, more);
    writeJson(home.state("openrouter"), stateWith(another, step));
    expect(declaredKey(home.root, undefined).keyVersion).toBe(expected);
  });

  test("a secret that was not written by us has no version", () => {
    writeState(null);
    expect(declaredKey(home.root, undefined).keyVersion).toBe(0);
  });
});

describe("a key", () => {
  test("is declared by its version of the recorded generation, whatever was stored", () => {
    writeKeyRecord(home, { generation: 3, version: 11, fingerprint: keyFingerprint(other), retired: [] });
    writeState(12);
    expect(declaredKey(home.root, canary)).toEqual({ keyGeneration: 3, keyVersion: keyVersion(canary, 3) });
  });

  test("that was rotated away is refused, by its fingerprint alone", () => {
    const retired = [keyFingerprint(canary)];
    writeKeyRecord(home, { generation: 0, version: 11, fingerprint: keyFingerprint(other), retired });
    let error: unknown;
    try {
      declaredKey(home.root, canary);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain("rotated away");
    expect(String(error)).toContain(keyFingerprint(canary));
    expect(String(error)).toContain(keyFingerprint(other));
    expect(String(error)).not.toContain(canary.slice(9, 20));
  });

  test.each(["key", "newKey"])(
    "that a host has is refused: its eviction would disable the instance's (%s)",
    (field) => {
      const key = { sha256: sha256(canary), label: "sk-or-v1-0a1…978", limitUsd: 5 };
      const has = field === "key" ? { key } : { newKey: { key, graceSeconds: 0 } };
      const names = { name: "web1", role: "openclaw-host-web1", keyPath: "secret/openrouter/web1" };
      const host = { ...names, ...has, invited: "2026-11-25T12:00:00.000Z", addresses: [] };
      writeHosts(home, { hosts: [host], evicted: [] });
      expect(() => declaredKey(home.root, canary)).toThrow("is that of the host web1");
      expect(() => declaredKey(home.root, other)).not.toThrow();
      // Its eviction keeps the digest, and the key can be the instance's then.
      writeHosts(home, { hosts: [], evicted: [] });
      expect(() => declaredKey(home.root, canary)).not.toThrow();
    },
  );

  test("that is not among those is taken", () => {
    writeKeyRecord(home, { generation: 0, version: 11, retired: [keyFingerprint(other)] });
    expect(() => declaredKey(home.root, canary)).not.toThrow();
  });
});

test("a state that Terraform locked and never wrote is none", () => {
  writeJson(home.state("openrouter"), {});
  writeFileSync(home.state("openrouter"), "");
  expect(readKeyRecord(home).version).toBe(0);
});

test("the record is its owner's alone and reads back", () => {
  const record = { generation: 1, version: 2, fingerprint: "f", retired: ["r"] };
  writeKeyRecord(home, record);
  expect(readKeyRecord(home)).toEqual(record);
  expect((statSync(home.key).mode & 0o777).toString(8)).toBe("600");
});

test.each(["key", "state"])("a damaged %s is reported, and not taken for none", (which) => {
  const path = which === "key" ? home.key : home.state("openrouter");
  writeJson(path, {});
  writeFileSync(path, '{"version": 4, "resou');
  expect(() => readKeyRecord(home)).toThrow(UserError);
  expect(() => readKeyRecord(home)).toThrow(`${path} cannot be read`);
});

test("a key that is stored is in use again: its removal is dropped, and no other one", () => {
  const removal = (key: string): Removal => ({
    ...{ kind: "remove", sha256: sha256(key), since: "2026-11-01T00:00:00Z", graceSeconds: 0 },
  });
  for (const key of [canary, other]) addPendingCleanup(home, removal(key));
  recordStoredKey(home, { key: canary, version: 1, generation: 0 });
  expect(readPendingCleanups(home)).toEqual([removal(other)]);
});

test("nor was it rotated away any more, as one that was stored by hand and is accepted", () => {
  const [fingerprint, another] = [canary, other].map(keyFingerprint);
  writeKeyRecord(home, { generation: 0, version: 1, retired: [fingerprint!, another!] });
  recordStoredKey(home, { key: canary, version: 2, generation: 0 });
  expect(readKeyRecord(home).retired).toEqual([another]);
  expect(() => declaredKey(home.root, canary)).not.toThrow();
});

describe("a key's age counts", () => {
  const [earlier, later] = ["2026-08-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z"];
  const since = (created: string) => keySince(home, { key: canary, created }).toISOString();
  const record = (key: string, since: string) =>
    writeKeyRecord(home, {
      ...{ generation: 0, version: 1, retired: [] },
      ...{ fingerprint: keyFingerprint(key), since },
    });

  test("from when it was first stored, however often it was written again", () => {
    record(canary, earlier);
    expect(since(later)).toBe(earlier);
  });

  test("from its version in Vault, if that was there before this instance recorded it", () => {
    record(canary, later);
    expect(since(earlier)).toBe(earlier);
  });

  test("from its version in Vault, if another key or none is recorded", () => {
    expect(since(later)).toBe(later);
    record(other, earlier);
    expect(since(later)).toBe(later);
  });
});
