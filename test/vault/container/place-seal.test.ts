import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { extract, pack } from "tar-stream";
import { silent } from "../../../lib/core/progress";
import { EngineApi } from "../../../lib/docker/engine-api";
import { instanceLabel } from "../../../lib/model/instance-label";
import type { PlaceSealParameters } from "../../../lib/model/run-parameters";
import { sealConfigFile } from "../../../lib/model/vault/seal";
import { placeSeal } from "../../../lib/vault/container/place-seal";
import { failure } from "../../host/support";
import { scratchFolder } from "../../support/folder";
import { openVault, type Stub, serveStub } from "../../support/vault/server";

const folder = scratchFolder();
const socket = join(folder, "engine.sock");
const [tokenFile, caFile] = [join(folder, "token"), join(folder, "ca.pem")];
/** What the engine has of Vault: its volume's files, whether it runs, and the files that it read at its start. */
let files: Record<string, string>;
let isRunning: boolean;
let started: Record<string, string> | undefined;
/** The calls that change something, but for the ephemeral container's own. */
let changes: string[];
/** Whether a call does not reach the engine. */
let isLost: (call: string) => boolean;
let server: Server;
let vault: Stub;

beforeAll(async () => {
  vault = await serveStub(({ name }) =>
    name === "GET sys/health" ? [200, {}] : [200, { ...openVault, type: "transit" }],
  );
  server = createServer(async (request, response) => {
    const { method, url = "" } = request;
    const call = `${method} ${url.split("?")[0]}`;
    const json = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body));
    if (isLost(call)) return response.destroy();
    if (call === "POST /containers/create") return json(201, { Id: "ephemeral" });
    if (method === "DELETE") return json(200, {});
    if (call === "GET /containers/vault/json") return json(200, container());
    if (call === "GET /containers/ephemeral/archive") {
      const archive = pack();
      for (const [name, content] of Object.entries(files)) archive.entry({ name: `vault/${name}` }, content);
      archive.finalize();
      return archive.pipe(response);
    }
    changes.push(call);
    if (call === "PUT /containers/ephemeral/archive") {
      for await (const entry of request.pipe(extract())) {
        let content = "";
        for await (const part of entry) content += part;
        files[entry.header.name] = content;
      }
    } else if (url.includes("/stop")) isRunning = false;
    else if (!isRunning) {
      isRunning = true;
      started = { ...files };
    }
    return response.end();
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});
afterAll(async () => {
  await vault.close();
  server.closeAllConnections();
  server.close();
});

/** A Vault that runs with the first credentials. */
beforeEach(async () => {
  [files, isRunning, changes, isLost] = [{}, false, [], () => false];
  writeFileSync(tokenFile, "hvs.first\n");
  writeFileSync(caFile, "first CA");
  await place();
  isRunning = true;
  started = { ...files };
  changes = [];
});

const container = () => ({
  ...{ Id: "vault", Name: "/vault", Image: "i", Created: "", HostConfig: {} },
  State: { Status: isRunning ? "running" : "exited", ExitCode: 0, StartedAt: "" },
  Config: { Labels: { [instanceLabel]: "ours" }, Cmd: ["server", `-config=${sealConfigFile}`] },
});

function place(): Promise<void> {
  const parameters: PlaceSealParameters = {
    ...{ instanceId: "ours", container: "vault", homeVolume: "vault-home", image: "image" },
    address: vault.address,
    seal: {
      type: "transit",
      options: { address: "https://kms.example.org", key_name: "autounseal", mount_path: "transit/" },
      secrets: { token: tokenFile },
      files: { tls_ca_cert: caFile },
    },
  };
  return placeSeal(parameters, new EngineApi(socket), silent);
}

test("with the same files Vault goes on", async () => {
  await place();
  expect(changes).toEqual(["PUT /containers/ephemeral/archive"]);
});

test.each([
  ["in the configuration", tokenFile, "hvs.second"],
  ["in a file beside it", caFile, "second CA"],
])("with another credential %s Vault is restarted", async (_, file, content) => {
  writeFileSync(file, content);
  await place();
  expect(JSON.stringify(started)).toContain(content);
  await place();
  expect(changes.filter((call) => call.includes("/stop"))).toHaveLength(1);
});

test.each([
  "POST /containers/vault/stop",
  "PUT /containers/ephemeral/archive",
  "POST /containers/vault/start",
])("killed at %s, the next run ends with a Vault that has read what is placed", async (call) => {
  writeFileSync(caFile, "second CA");
  let isKilled = false;
  isLost = (next) => (isKilled ||= next === call);
  await failure(place);
  isLost = () => false;
  // As `up` does it before it deploys.
  if (!isRunning) [isRunning, started] = [true, { ...files }];
  await place();
  expect(isRunning).toBe(true);
  expect(started).toEqual(files);
  expect(files["seal/tls_ca_cert"]).toBe("second CA");
});

test("where the files cannot be written, Vault runs on with the previous ones", async () => {
  writeFileSync(caFile, "second CA");
  isLost = (call) => call.startsWith("PUT ");
  await failure(place);
  expect(isRunning).toBe(true);
});

test("a Vault that does not run is not started", async () => {
  isRunning = false;
  writeFileSync(caFile, "second CA");
  await place();
  expect(changes).toEqual(["PUT /containers/ephemeral/archive"]);
});
