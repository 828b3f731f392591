import { table } from "../../core/text";
import { minuteOf } from "../../core/time";
import type { Deployment } from "../../model/deployment";
import { olderShares } from "../../store/older-shares";
import { rekeyRecord } from "../../store/records/rekey-record";
import { sharesRecord } from "../../store/records/shares-record";
import { inspectShares, type SharesState } from "../../vault/shares/inspect-shares";
import { sealStatusIfAny } from "../../vault/wait";
import type { ProvenShares } from "./prove";

/** Who unseals Vault after a restart. */
type SharesMode = "on-host" | "manual" | "auto";

/** Where the shares are, as `shares status --json` prints it. It contains no share. */
type SharesStatus = Awaited<ReturnType<typeof readSharesStatus>>;

/** Reads the status, and changes nothing. */
export async function readSharesStatus(deployment: Deployment, proven?: ProvenShares) {
  const { home, instance } = deployment;
  const found = inspectShares(home);
  const here = "shares" in found ? found.shares : undefined;
  const record = sharesRecord.read(home);
  const rekey = rekeyRecord.read(home);
  const isOfRecord = record !== undefined && (here === undefined || here.generation === record.generation);
  const known = isOfRecord ? record : undefined;
  const seal = await sealStatusIfAny(deployment);
  const type = seal?.type;
  const count = here?.shares.length ?? known?.shares ?? seal?.n ?? 0;
  const isAuto = type !== undefined && type !== "shamir";
  const mode: SharesMode = isAuto ? "auto" : here ? "on-host" : "manual";
  return {
    version: 1 as const,
    instance,
    mode,
    /** The seal type of Vault; `shamir` uses shares. Undefined if Vault does not answer. */
    seal: type,
    sealed: seal?.sealed,
    /** Undefined if this host has no record of it, for example after a manual removal of the shares. */
    generation: here?.generation ?? known?.generation,
    created: here?.created ?? known?.created,
    shares: Array.from({ length: count }, (_, index) => ({
      share: index + 1,
      /** A path on this host, or the holder. */
      where: whereIs(home.shares, here !== undefined, known?.holders ?? [], index),
    })),
    threshold: here?.threshold ?? known?.threshold ?? seal?.t,
    /** Whether the shares on this host are the ones that Vault accepted, as recorded on this host. */
    state: found.is,
    /** Set by `--prove`: what Vault accepted just now. */
    proven,
    exported: known?.exported,
    movedOff: here ? undefined : known?.movedOff,
    /** Set if a rekey waits for its new shares. */
    rekey: rekey && { generation: rekey.generation, since: rekey.since, holders: rekey.holders },
    /** Older generations on this host. */
    older: olderShares(home).map(({ generation, path, backups }) => ({
      generation,
      file: path,
      backups: backups.map(({ file }) => file),
    })),
  };
}

function whereIs(path: string, isHere: boolean, holders: readonly string[], index: number): string {
  const holder = holders[index];
  if (isHere) return holder ? `${path}; distributed to ${holder}` : path;
  return holder ?? "not on this host; no holder is recorded";
}

const modes: Record<SharesMode, string> = {
  "on-host": "on-host: whoever reads them opens Vault",
  manual: "manual: people enter them after each restart",
  auto: "auto: Vault unseals itself; these shares only make a root token",
};

/** What is wrong with the shares on this host. */
const states: Partial<Record<SharesState["is"], string>> = {
  missing: "is gone, and `shares remove` did not remove it: Vault stays sealed after its next restart",
  others: "holds other shares than Vault accepted: Vault stays sealed after its next restart",
  unreadable: "cannot be read: Vault stays sealed after its next restart",
};

/** The status as text for a person, one line a value. */
export function renderSharesStatus(status: SharesStatus): string {
  const rows: [string, string][] = [
    ["instance", status.instance],
    ["mode", modes[status.mode]],
    ["seal", describeSeal(status)],
    [
      "generation",
      `${status.generation ?? "not known"}${status.created ? `, made ${minuteOf(status.created)}` : ""}`,
    ],
    ["needed", `${status.threshold ?? "?"} of ${status.shares.length}`],
    ...status.shares.map(({ share, where }): [string, string] => [`share ${share}`, where]),
  ];
  const state = states[status.state];
  if (state) rows.push(["! shares.json", state]);
  if (status.proven)
    rows.push(["proven", `Vault accepted ${status.proven.shares} shares of ${status.proven.from} just now`]);
  if (status.exported) rows.push(["distributed", minuteOf(status.exported)]);
  if (status.movedOff) rows.push(["off the host", `since ${minuteOf(status.movedOff)}`]);
  if (status.rekey)
    rows.push([
      "rekey",
      `to generation ${status.rekey.generation}, waits since ${minuteOf(status.rekey.since)}`,
    ]);
  for (const { generation, file, backups } of status.older) {
    const what = backups.length > 0 ? `for backups: ${backups.join(", ")}` : "no backup needs it";
    rows.push([`older: ${generation}`, `${file}, ${what}`]);
  }
  if (status.mode === "on-host")
    rows.push(
      ["next", "openclaw-openrouter shares export gives them to people"],
      ["then", "openclaw-openrouter shares remove takes them off this host"],
    );
  return table(rows);
}

function describeSeal({ seal, sealed }: SharesStatus): string {
  return seal === undefined ? "Vault does not answer" : `${seal}, ${sealed ? "sealed" : "unsealed"}`;
}
