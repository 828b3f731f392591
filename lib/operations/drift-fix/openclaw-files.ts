import { relative } from "node:path";
import { attempt } from "../../core/attempt";
import { ifError } from "../../core/errors";
import { type Account, accountOf } from "../../core/system/os-user";
import { installParametersOf } from "../../model/run-parameters";
import { Refused } from "../../openclaw/folder/refused";
import { UsersFolder } from "../../openclaw/folder/users-folder";
import { install } from "../../openclaw/install";
import { readInstalled } from "../../openclaw/installed";
import { isAsWanted, wantedText } from "../../openclaw/wanted";
import type { ReportedFinding } from "../../report/drift-report";
import { type Repair, subjects } from "./repair";

/** Sets owners and modes of OpenClaw's files, even if one of the files cannot be installed. */
export const permit: Repair = {
  name: "permit",
  fixes: ["openclaw.*.owner", "openclaw.*.mode"],
  describe: (findings) => `set owner and permissions in OpenClaw's folder: ${subjects(findings)}`,
  async run(findings, { deployment }) {
    const parameters = installParametersOf(deployment);
    const account = accountOf(parameters.user);
    const installed = readInstalled(deployment.home);
    const [owners, modes] = [".owner", ".mode"].map((end) => findings.filter(({ id }) => id.endsWith(end)));
    const place = (subject: string) => relative(parameters.folder, subject).split("/").filter(Boolean);
    for (const { id, subject } of owners ?? [])
      if (/^openclaw\.(folder|resolver)\.owner$/.test(id)) takeBack(subject, account);
    // Read the records before the switch to OpenClaw's user, who cannot read them.
    const given = (owners ?? []).map(({ subject }) => ({
      names: place(subject),
      wanted: installed && wantedText(parameters, installed, place(subject)),
    }));
    UsersFolder.with(parameters.folder, account, (folder) => {
      for (const { names, wanted } of given) {
        if (!wanted) continue;
        inPlace(folder, names, (at, name) => at.give(name, (bytes) => isAsWanted(bytes, wanted)));
      }
      for (const finding of modes ?? []) setMode(folder, place(finding.subject), finding);
    });
  },
};

/** Restores the content of OpenClaw's files. */
export const installFiles: Repair = {
  name: "install",
  fixes: ["openclaw.*.content", "openclaw.*.gone", "openclaw.resolver.node", "openclaw.leftover:*"],
  // The install inspects all files before it writes any: if a person must fix one first, it writes none.
  blockedBy: ["openclaw.*.content", "openclaw.*.kind", "openclaw.*.owner"],
  describe: (findings) => `restore in OpenClaw's folder: ${subjects(findings)}`,
  async run(_, { deployment }) {
    install(installParametersOf(deployment));
  },
};

/** Takes an entry back, only if this user runs OpenClaw: another user can have put anything there. */
function takeBack(path: string, account: Account): void {
  if (account.uid === process.getuid?.()) UsersFolder.takeBack(path, account);
}

function setMode(
  folder: UsersFolder | undefined,
  names: readonly string[],
  { id, expected }: ReportedFinding,
): void {
  const mode = Number.parseInt(expected ?? "", 8);
  if (names.length === 0) folder?.setOwnMode(mode);
  inPlace(folder, names, (at, name) => {
    if (name === "") return;
    if (id === "openclaw.resolver.mode") at.folder(name)?.setOwnMode(mode);
    else at.setMode(name, mode);
  });
}

/** Works on an entry in its folder. An entry that changed since the inspection stays unchanged; the next one finds it again. */
function inPlace(
  folder: UsersFolder | undefined,
  names: readonly string[],
  work: (folder: UsersFolder, name: string) => void,
): void {
  attempt(
    () => {
      const place = names.slice(0, -1).reduce((outer, name) => outer?.folder(name), folder);
      if (place) work(place, names.at(-1) ?? "");
    },
    ifError(Refused, () => {}),
  );
}
