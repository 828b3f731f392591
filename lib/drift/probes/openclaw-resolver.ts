import { lstatSync, statSync } from "node:fs";
import { openclawPaths } from "../../model/openclaw-paths";
import { ownFiles } from "../../openclaw/own-files";
import { readCredential } from "../../vault/credentials";
import { byPerson, drift, type Finding, NotLooked, type Probe } from "../finding";
import { lookAtFile, openclawOf } from "../openclaw-file";
import { lookAtFolder } from "../openclaw-folder";

/** The program by which the gateway gets the key, and the credential that lies beside it. */
export const openclawResolver: Probe = {
  id: "openclaw.resolver",
  async look(context) {
    const { parameters, account, installed } = openclawOf(context);
    if (!installed) return [];
    if (!readCredential(context.home, "reader")) throw new NotLooked("the reader has no credentials here");
    const { own } = openclawPaths(parameters.folder);
    const findings = lookAtFolder({
      id: "openclaw.resolver",
      path: own,
      entry: lstatSync(own, { throwIfNoEntry: false }),
      account,
      seen: "The folder of the resolver and its credential is not what was deployed",
      wantedMode: () => 0o700,
      holds: "openclaw.resolver:*",
    });
    if (isGone(installed.node)) findings.push(nodeGone(installed.node, parameters.node !== undefined));
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

/** @param isDeclared whether the settings name it: then no other one takes its place */
function nodeGone(node: string, isDeclared: boolean): Finding {
  return drift({
    id: "openclaw.resolver.node",
    severity: "major",
    subject: node,
    seen: "The Node on which the gateway gets the key is gone",
    declared: "there",
    found: "gone",
    ...(isDeclared
      ? { mend: byPerson(`Put it back, or change \`openclaw.node\` in the settings: ${node}`) }
      : {}),
  });
}

/** What this user may not see may be there. */
function isGone(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}
