import { defined } from "./defined";
import { SystemError, UserError } from "./errors";

const room = "See what fills it: df -h, df -i. Then run this again: it resumes from here.";
const rights =
  "Give that file or folder to the user who runs this; if its rights are right, see what else refuses it: mount, lsattr, SELinux, AppArmor.";
const files = "Close programs, or raise the limit: ulimit -n. Then run this again.";
const connection =
  "See if the program on the other side runs, and its log (of Docker: journalctl -u docker). Then run this again.";
const program =
  "See if that program exists, is made for this machine, and is on a file system that is not mounted noexec.";
/** How to fix what fails on a file system that is mounted read-only. */
export const readOnly =
  "The file system is mounted read-only: mount it writable, or name another folder. See `dmesg`.";
const otherSystem =
  "That file system cannot do it (see `mount`): name a folder on another one, and copy the file from there.";

/** How to fix what the operating system refuses, by its code. A code that only a mistake of a program causes is not listed. */
const fixes: Readonly<Record<string, string>> = {
  EACCES: rights,
  EPERM: rights,
  EROFS: readOnly,
  ENOSPC: room,
  EDQUOT: room,
  EMFILE: files,
  ENFILE: files,
  EAGAIN: "The limit of processes or memory is reached: see `ulimit -u` and `free -m`. Then run this again.",
  ENOMEM: "No memory is left: see `free -m`. Then run this again.",
  EIO: "The disk or its connection fails: see `dmesg`.",
  ESTALE: "A network file system lost the file: mount it again.",
  ENOEXEC: program,
  ETXTBSY: "Another run is writing that program. Run this again.",
  ELOOP: "Remove the links that lead to each other.",
  ENAMETOOLONG: "Name a folder with a shorter path.",
  // Such as a bucket that is mounted as a folder, and renames nothing; FAT's limit of 4 GiB.
  ENOSYS: otherSystem,
  ENOTSUP: otherSystem,
  EOPNOTSUPP: otherSystem,
  EFBIG: otherSystem,
  ENOTDIR: "A file is where a folder must be: move it away.",
  EISDIR: "A folder is where a file must be: move it away.",
  ECONNREFUSED: connection,
  ECONNRESET: connection,
  EPIPE: connection,
  ETIMEDOUT: connection,
};

/**
 * An error of the operating system as one that a person can fix: a file, a disk or a connection refused something, which is no
 * defect of this program. Undefined for every other error.
 */
export function refusedBySystem(error: unknown): UserError | undefined {
  const { code, path, message, syscall = "" } = Object(error) as Partial<NodeJS.ErrnoException>;
  const isMissingProgram = code === "ENOENT" && syscall.startsWith("spawn");
  const fix = isMissingProgram ? program : fixes[code ?? ""];
  // Node names no system call where the other side hangs up.
  if (fix === undefined || (syscall === "" && fix !== connection)) return undefined;
  const where = path === undefined ? "" : `: ${path}`;
  return new UserError(
    {
      problem:
        fix === connection
          ? `The other side of a connection ended it, or takes none${where}.`
          : `The operating system refused it${where}.`,
      got: message ?? "",
      fix,
    },
    { cause: error },
  );
}

/** An error of a person, another system or the operating system. Undefined for every other error: a defect of this program. */
export function asUserError(error: unknown): UserError | undefined {
  if (error instanceof UserError) return error;
  const refused = refusedBySystem(error);
  if (refused || !(error instanceof SystemError)) return refused;
  return new UserError({ problem: error.message, ...defined({ fix: error.fix }) }, { cause: error });
}
