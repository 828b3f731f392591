import type { Deployment } from "../../model/deployment";
import { olderShares } from "../../store/older-shares";
import { rekeyRecord } from "../../store/rekey-record";
import { sharesRecord } from "../../store/shares-record";
import { VaultClient } from "../../vault/client";
import { readShares } from "../../vault/shares/shares-file";
import { readSealStatus } from "../../vault/wait";

/** Who opens Vault after a restart. */
export type SharesMode = "on-host" | "manual" | "auto";

/** Where the shares are, as `shares status --json` gives it. No share is in it. */
export interface SharesStatus {
  readonly version: 1;
  readonly instance: string;
  readonly mode: SharesMode;
  /** As Vault names it: `shamir` is by shares. Undefined where Vault does not answer. */
  readonly seal: string | undefined;
  readonly sealed: boolean | undefined;
  /** Undefined where nobody knows it here: the shares were taken away by hand. */
  readonly generation: number | undefined;
  readonly created: string | undefined;
  readonly shares: readonly {
    readonly share: number;
    /** A path of this host, or who has it. */
    readonly where: string;
  }[];
  readonly threshold: number | undefined;
  readonly exported: string | undefined;
  readonly movedOff: string | undefined;
  /** Set where new shares were made, and it waits for enough of them. */
  readonly rekey:
    | { readonly generation: number; readonly since: string; readonly holders: readonly string[] }
    | undefined;
  /** Older generations on this host. */
  readonly older: readonly {
    readonly generation: number;
    readonly file: string;
    readonly backups: readonly string[];
  }[];
}

/** Looks, and changes nothing. */
export async function readSharesStatus(deployment: Deployment): Promise<SharesStatus> {
  const { home, instance } = deployment;
  const here = readShares(home.shares);
  const record = sharesRecord.read(home);
  const rekey = rekeyRecord.read(home);
  const isOfRecord = record !== undefined && (here === undefined || here.generation === record.generation);
  const known = isOfRecord ? record : undefined;
  const seal = await readSealStatus(VaultClient.at(deployment)).catch(() => undefined);
  const type = seal?.type;
  const count = here?.shares.length ?? known?.shares ?? seal?.n ?? 0;
  const isAuto = type !== undefined && type !== "shamir";
  return {
    version: 1,
    instance,
    mode: isAuto ? "auto" : here ? "on-host" : "manual",
    seal: type,
    sealed: seal?.sealed,
    generation: here?.generation ?? known?.generation,
    created: here?.created ?? known?.created,
    shares: Array.from({ length: count }, (_, index) => ({
      share: index + 1,
      where: whereIs(home.shares, here !== undefined, known?.holders ?? [], index),
    })),
    threshold: here?.threshold ?? known?.threshold ?? seal?.t,
    exported: known?.exported,
    movedOff: here ? undefined : known?.movedOff,
    rekey: rekey && { generation: rekey.generation, since: rekey.since, holders: rekey.holders },
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
  return holder ?? "off this host, and nobody said with whom";
}

const modes: Record<SharesMode, string> = {
  "on-host": "on-host: whoever reads them opens Vault",
  manual: "manual: people give them after each restart",
  auto: "auto: Vault opens by itself; these make a root token, and no more",
};

/** For people: a line each. */
export function renderSharesStatus(status: SharesStatus): string {
  const rows: [string, string][] = [
    ["instance", status.instance],
    ["mode", modes[status.mode]],
    ["seal", describeSeal(status)],
    [
      "generation",
      `${status.generation ?? "not known"}${status.created ? `, made ${day(status.created)}` : ""}`,
    ],
    ["needed", `${status.threshold ?? "?"} of ${status.shares.length}`],
    ...status.shares.map(({ share, where }): [string, string] => [`share ${share}`, where]),
  ];
  if (status.exported) rows.push(["distributed", day(status.exported)]);
  if (status.movedOff) rows.push(["off the host", `since ${day(status.movedOff)}`]);
  if (status.rekey)
    rows.push(["rekey", `to generation ${status.rekey.generation}, waits since ${day(status.rekey.since)}`]);
  for (const { generation, file, backups } of status.older) {
    const what = backups.length > 0 ? `for backups: ${backups.join(", ")}` : "for no backup any more";
    rows.push([`older: ${generation}`, `${file}, ${what}`]);
  }
  if (status.mode === "on-host")
    rows.push(["next", "shares export gives them to people, shares remove takes them off this host"]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

function describeSeal({ seal, sealed }: SharesStatus): string {
  return seal === undefined ? "Vault does not answer" : `${seal}, ${sealed ? "sealed" : "unsealed"}`;
}

function day(time: string): string {
  return `${time.slice(0, 16)}Z`;
}
