import { statSync } from "node:fs";
import { openclawPaths } from "../../model/openclaw-paths";
import { ownFiles } from "../../openclaw/own-files";
import { readCredential } from "../../vault/credentials";
import { drift, type Finding, NotLooked, type Probe } from "../finding";
import { lookAtFile, openclawOf } from "../openclaw-file";

/** The program by which the gateway gets the key, and the credential that lies beside it. */
export const openclawResolver: Probe = {
  id: "openclaw.resolver",
  async look(context) {
    const { parameters, account, installed } = openclawOf(context);
    if (!installed) return [];
    if (!readCredential(context.home, "reader")) throw new NotLooked("the reader has no credentials here");
    const { own } = openclawPaths(parameters.folder);
    const findings: Finding[] = [];
    const folder = statSync(own, { throwIfNoEntry: false });
    if (folder && (folder.mode & 0o777) !== 0o700) {
      findings.push(
        drift({
          id: "openclaw.resolver.folder",
          severity: "critical",
          subject: own,
          seen: "Others on this host can look into the folder of the resolver and its credential",
          field: "mode",
          declared: "700",
          found: (folder.mode & 0o777).toString(8),
          since: folder.ctime.toISOString(),
        }),
      );
    }
    for (const { path, text, mode } of ownFiles(parameters, installed.node)) {
      const name = path.slice(own.length + 1);
      findings.push(
        ...lookAtFile({
          id: `openclaw.resolver:${name}`,
          path,
          severity: name === "resolver.cjs" ? "critical" : "major",
          seen: "What the gateway gets the key by is not what was deployed",
          account,
          wanted: () => text,
          mode,
        }),
      );
    }
    return findings;
  },
};
