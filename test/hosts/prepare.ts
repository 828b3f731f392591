import { root } from "../support/lab-host";
import { installEngine } from "./engines";
import { inHost } from "./parts";
import { isUsers } from "./row";
import { openRouterUrl, type Site } from "./site";

/** Makes a bare host of a row: what its owner has before they ever heard of this program. */
export async function prepareBare(site: Site): Promise<void> {
  const { row, host } = site;
  await site.boot();
  if (row.from !== "copy") installPrograms(site);
  if (isUsers(row)) {
    const group = row.engine === "rootless" ? [] : ["-G", "docker"];
    host.must(["useradd", "-m", "-s", "/bin/bash", ...group, site.deployer.name]);
    if (row.deployer === "user with linger") host.must(["loginctl", "enable-linger", site.deployer.name]);
  }
  // By the page, a user is made later.
  if (row.from !== "first day") addGatewayUser(site);
  await installEngine(site);
  site.startOpenRouter();
  await site.seen(
    "OpenRouter's stand-in",
    () => host.run(["curl", "-s", `${openRouterUrl}/models`]).code === 0,
  );
}

/** The user who runs OpenClaw where another one deploys. */
export function addGatewayUser({ row, host, gatewayUser }: Site): void {
  if (row.deployer !== "root for openclaw") return;
  host.must(["useradd", "-m", "-s", "/bin/bash", "-u", String(gatewayUser.uid), gatewayUser.name]);
}

/** Node and npm as nodejs.org's archive puts them, and Terraform where the row has it. */
function installPrograms({ row, host }: Site): void {
  const own = row.node === "Debian's" ? `${inHost.node}/other` : `${inHost.node}/own`;
  const modules = `${own}/node_modules`;
  const script = [
    ...(row.node === "Debian's" ? [] : [`cp ${modules}/node-linux-*/bin/node /usr/local/bin/`]),
    `mkdir -p /usr/local/lib/node_modules && cp -r ${modules}/npm /usr/local/lib/node_modules/`,
    "ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm",
    "ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx",
    ...(row.terraform === "Terraform" ? [`cp ${inHost.tools}/terraform /usr/local/bin/`] : []),
  ];
  host.must(["sh", "-ec", script.join("\n")], root);
}

/** The clone, and OpenRouter's address: the only setting that is the table's own. */
export function bringProgram(site: Site, more: object = {}): void {
  const { row, deployer } = site;
  if (row.from !== "package" && row.from !== "copy") site.mustSh(`cp -r ${inHost.sources} ${site.clone}`);
  site.host.must(["mkdir", "-p", "-m", "700", site.home], deployer);
  const user = row.deployer === "root for openclaw" ? { openclaw: { user: "openclaw" } } : {};
  const settings = { openrouter: { baseUrl: openRouterUrl }, ...user, ...more };
  site.write(`${site.home}/openrouter.settings.json`, JSON.stringify(settings, null, 2), deployer);
}
