import { relative } from "node:path";
import { type Account, accountOf } from "../../core/os-user";
import type { ReportedFinding } from "../../drift/report";
import { installParametersOf } from "../../model/install-parameters";
import { Refused } from "../../openclaw/folder/refused";
import { UsersFolder } from "../../openclaw/folder/users-folder";
import { install } from "../../openclaw/install";
import { readInstalled } from "../../openclaw/installed";
import { isAsWanted, wantedText } from "../../openclaw/wanted";
import type { Repair } from "./repair";
import { subjects } from "./repair-files";

/** Who may do what with OpenClaw's files: a file that cannot be installed keeps no other from being closed. */
export const permit: Repair = {
  name: "permit",
  fixes: ["openclaw.*.owner", "openclaw.*.mode"],
  first: true,
  describe: (findings) => `set owner and permissions in OpenClaw's folder: ${subjects(findings)}`,
  async run(findings, { deployment }) {
    const parameters = installParametersOf(deployment);
    const account = accountOf(parameters.user);
    const installed = readInstalled(deployment.home);
    const [owners, modes] = [".owner", ".mode"].map((end) => findings.filter(({ id }) => id.endsWith(end)));
    const place = (subject: string) => relative(parameters.folder, subject).split("/").filter(Boolean);
    for (const { id, subject } of owners ?? [])
      if (/^openclaw\.(folder|resolver)\.owner$/.test(id)) takeBack(subject, account);
    // The records are not for that user to read.
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

/** What OpenClaw's files hold. */
export const installFiles: Repair = {
  name: "install",
  fixes: ["openclaw.*.content", "openclaw.*.gone", "openclaw.resolver.node"],
  // It looks at all files before it writes any: with one that is left to a person it writes none.
  hinderedBy: ["openclaw.*.content", "openclaw.*.kind", "openclaw.*.owner"],
  first: true,
  describe: (findings) => `put right in OpenClaw's folder: ${subjects(findings)}`,
  async run(_, { deployment }) {
    install(installParametersOf(deployment));
  },
};

/** Only of one's own OpenClaw; in another user's place there may be anything. */
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

/** What became something else since it was found stays unchanged, and is found again. */
function inPlace(
  folder: UsersFolder | undefined,
  names: readonly string[],
  work: (folder: UsersFolder, name: string) => void,
): void {
  try {
    const place = names.slice(0, -1).reduce((outer, name) => outer?.folder(name), folder);
    if (place) work(place, names.at(-1) ?? "");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}
