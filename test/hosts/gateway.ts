import { strict as assert } from "node:assert";
import { poll } from "../../lib/core/poll";
import { root } from "../support/lab-host";
import { inHost } from "./parts";
import type { Site } from "./site";

const settings = '{ gateway: { mode: "local" } }\n';
const environment = { OPENCLAW_OFFLINE: "1", OPENCLAW_GATEWAY_TOKEN: "token-of-the-test" };
const program = "/usr/local/lib/node_modules/openclaw/openclaw.mjs";

/** Starts the row's gateway, as its owner does before and after the first deploy. */
export async function startGateway(site: Site): Promise<void> {
  if (site.row.gateway === "container") return startContainer(site);
  const variables = Object.entries(environment).map(([name, value]) => `Environment=${name}=${value}\n`);
  const unit = `[Service]\nUser=${site.gatewayUser.name}\n${variables.join("")}ExecStart=/usr/local/bin/node ${program} gateway run\nRestart=always\n[Install]\nWantedBy=multi-user.target\n`;
  site.write("/etc/systemd/system/openclaw-gateway.service", unit);
  site.host.must(["systemctl", "enable", "--now", "openclaw-gateway"]);
}

/** As `npm install --global` does. */
export function installGateway(site: Site): void {
  site.host.must([
    "sh",
    "-ec",
    `ln -s ${inHost.openclaw}/node_modules/openclaw /usr/local/lib/node_modules/openclaw
    ln -s ../lib/node_modules/openclaw/openclaw.mjs /usr/local/bin/openclaw`,
  ]);
}

/** A chat of a gateway that started with what is deployed now: it gets the key from Vault. */
export async function chat(site: Site): Promise<void> {
  const inside = site.row.gateway === "container";
  // One that is stopped while it starts is killed in the end. One that does not start by itself is started again.
  await poll(() => isListening(site) || undefined, { every: 500, timeout: 60_000 });
  if (inside) site.docker(`restart ${gracefully} openclaw`);
  else site.host.must(["systemctl", "restart", "openclaw-gateway"]);
  await site.seen("the gateway listens", () => isListening(site), 360);
  const message = `agent --session-id ${Date.now()} --message 'Reply OK' --json --timeout 240`;
  const { code, stdout, stderr } = inside
    ? site.sh(`docker exec openclaw openclaw ${message}`)
    : site.sh(`openclaw ${message}`, site.gatewayUser, environment);
  assert.equal(code, 0, stdout + stderr);
}

/** By the log of its last start. */
function isListening(site: Site): boolean {
  const ofUnit =
    "journalctl -o cat _SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID openclaw-gateway)";
  const ofContainer =
    "docker logs --since $(docker inspect -f '{{.State.StartedAt}}' openclaw) openclaw 2>&1";
  const logs = site.row.gateway === "container" ? ofContainer : ofUnit;
  return site.sh(logs, root).stdout.includes("http server listening");
}

/** A gateway that was killed keeps the lease of its folder, and the next one does not start for five minutes. */
const gracefully = "-t 120";
const folder = "/srv/openclaw";
const socket = "-v vault-socket:/run/openclaw-vault:ro";

/** As the official image is started; once Vault's socket is there, with it. */
async function startContainer(site: Site): Promise<void> {
  const isFirst = site.sh("docker image inspect openclaw:local").code !== 0;
  if (isFirst) {
    site.mustSh(imageScript);
    site.mustSh(
      `mkdir -m 700 ${folder} && echo '${settings}' >${folder}/openclaw.json && chown -R 1000:1000 ${folder}`,
    );
    bringOpenRouter(site);
  } else {
    site.docker(`stop ${gracefully} openclaw`);
    site.docker("rm openclaw");
  }
  const variables = Object.entries(environment).map(([name, value]) => `-e ${name}=${value}`);
  const mounts = `-v ${folder}:/home/node/.openclaw ${isFirst ? "" : socket}`;
  site.docker(
    `run -d --name openclaw --restart unless-stopped ${variables.join(" ")} ${mounts} openclaw:local`,
  );
}

/** An image of npm's packages with the official one's user and folder: nothing here has a registry. */
const imageScript = `set -e
root=$(mktemp -d); cd "$root"; chmod 755 .
mkdir -p usr/bin usr/local/bin usr/local/lib etc tmp home/node bin; chmod 1777 tmp
echo root:x:0:0::/root:/bin/sh >etc/passwd; echo node:x:1000:1000::/home/node:/bin/sh >>etc/passwd
cp ${inHost.openclaw}/node_modules/node-linux-*/bin/node usr/local/bin/node
cp -L /bin/sh /usr/bin/env /usr/bin/cat bin/; ln -s ../../bin/env usr/bin/env
cp -L --parents $(ldd usr/local/bin/node bin/* | grep -o '/lib[^ ]*' | sort -u) .
ln -s ../lib/node_modules/openclaw/openclaw.mjs usr/local/bin/openclaw
chown -R 1000:1000 home/node
tar -c --transform 's,^node_modules,usr/local/lib/node_modules,' --exclude 'node_modules/node-linux-*' . -C ${inHost.openclaw} node_modules |
  docker import -c 'USER node' -c 'WORKDIR /home/node' -c 'CMD ["openclaw","gateway","run"]' - openclaw:local
rm -r "$root"`;

/** Relays the loopback of the gateway's container to the host's, where OpenRouter's stand-in listens. */
function bringOpenRouter(site: Site): void {
  const relay = `const net = require("node:net");
const [, , from, to] = process.argv;
const port = (place) => (/^\\d+$/.test(place) ? { host: "127.0.0.1", port: Number(place) } : { path: place });
try { require("node:fs").unlinkSync(from); } catch {}
net.createServer((one) => {
  const two = net.connect(port(to));
  one.on("error", () => two.destroy()).pipe(two);
  two.on("error", () => one.destroy()).pipe(one);
}).listen(port(from));
`;
  const loop = `node /srv/relay.cjs /run/relay.sock 18201 &
while :; do
  pid=$(docker inspect -f '{{.State.Pid}}' openclaw 2>/dev/null || echo 0)
  if [ "$pid" -gt 0 ]; then
    nsenter -t "$pid" -n node /srv/relay.cjs 18201 /run/relay.sock & inside=$!
    while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
    kill "$inside"
  fi
  sleep 0.2
done
`;
  site.write("/srv/relay.cjs", relay);
  site.write("/srv/relay.sh", loop);
  const unit = "[Service]\nExecStart=/bin/sh /srv/relay.sh\n[Install]\nWantedBy=multi-user.target\n";
  site.write("/etc/systemd/system/relay.service", unit);
  site.host.must(["systemctl", "enable", "--now", "relay"]);
}
