import { closeSync, constants, openSync, realpathSync, statSync } from "node:fs";
import { createConnection } from "node:net";
import { dirname } from "node:path";
import { attempt } from "../core/attempt";
import { type Account, actAs } from "../core/system/os-user";
import { groupsOf } from "./groups";

/** The permission bits, as in the last digit of a mode. */
export const permission = { read: 4, write: 2, enter: 1 } as const;

/** A user who needs access, with all effective groups. */
interface Holder {
  readonly uid: number;
  readonly groups: readonly number[];
}

/** The owner, group and mode of a file. */
interface Permissions {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * Whether permissions allow a user to access an entry. As in the kernel, only the first matching class (owner, group, others)
 * counts.
 */
export function permits({ uid, gid, mode }: Permissions, holder: Holder, wanted: number): boolean {
  if (holder.uid === 0) return true;
  const shift = uid === holder.uid ? 6 : holder.groups.includes(gid) ? 3 : 0;
  return ((mode >> shift) & wanted) === wanted;
}

/** The access of a user of this host: by permissions and, as root, also by trying it as that user, which includes ACLs. */
export class UserAccess {
  readonly holder: Holder;

  constructor(readonly account: Account) {
    this.holder = { uid: account.uid, groups: groupsOf(account) };
  }

  /** Whether the user can read a file or list a folder. False if it does not exist. */
  reads(path: string): boolean {
    return this.mayReach(path, permission.read) || this.tries(() => closeSync(openSync(path, reading)));
  }

  /** Whether the user can connect to a Unix socket. */
  async connects(socket: string): Promise<boolean> {
    return this.mayReach(socket, permission.write) || (await this.triesToConnect(socket));
  }

  /** Whether the permissions of an entry and of every folder above it allow access. */
  private mayReach(path: string, wanted: number): boolean {
    const isAllowed = attempt(() => {
      const entry = realpathSync(path);
      return permits(statSync(entry), this.holder, wanted) && this.mayEnter(dirname(entry));
    });
    return isAllowed ?? false;
  }

  private mayEnter(folder: string): boolean {
    const parent = dirname(folder);
    return (
      permits(statSync(folder), this.holder, permission.enter) && (parent === folder || this.mayEnter(parent))
    );
  }

  private tries(work: () => void): boolean {
    if (process.geteuid?.() !== 0) return false;
    try {
      actAs(this.account, work, this.holder.groups);
      return true;
    } catch {
      return false;
    }
  }

  private triesToConnect(path: string): Promise<boolean> {
    return new Promise((resolve) => {
      // The kernel checks a connection to a Unix socket within this call, so with that user's permissions.
      const begun = this.tries(() => {
        const socket = createConnection({ path });
        const end = (answer: boolean) => {
          socket.destroy();
          resolve(answer);
        };
        socket.once("connect", () => end(true)).once("error", () => end(false));
      });
      if (!begun) resolve(false);
    });
  }
}

const reading = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
