import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { debianPackage } from "./debian";
import type { TestHost } from "./host";

/** Debian's docker-compose, for Debian's Python, and the Python packages that it needs besides Python itself. */
const packages = [
  "docker-compose",
  ...[
    ...[
      "attr",
      "certifi",
      "chardet",
      "charset-normalizer",
      "docker",
      "dockerpty",
      "docopt",
      "dotenv",
      "idna",
    ],
    ...[
      "jsonschema",
      "packaging",
      "pyrsistent",
      "requests",
      "six",
      "texttable",
      "urllib3",
      "websocket",
      "yaml",
    ],
  ].map((name) => `python3-${name}`),
];

/** Runs docker-compose on a file. */
export type Compose = (host: TestHost, file: string, env: NodeJS.ProcessEnv, ...args: string[]) => string;

/** @returns undefined where apt cannot get it */
export function dockerCompose(): Compose | undefined {
  const folders: string[] = [];
  for (const name of packages) {
    const folder = debianPackage(name);
    if (folder === undefined) return undefined;
    folders.push(folder);
  }
  const PYTHONPATH = folders.map((folder) => join(folder, "usr/lib/python3/dist-packages")).join(":");
  return (host, file, env, ...args) =>
    execFileSync(
      "/usr/bin/python3",
      [join(folders[0] ?? "", "usr/bin/docker-compose"), "-f", file, ...args],
      {
        env: host.environment({ PYTHONPATH, ...env }),
        encoding: "utf8",
        stdio: "pipe",
      },
    );
}
