import { createServer, type Server } from "node:net";
import { z } from "zod";
import { VaultClient } from "../../lib/vault/client";
import { silentServers } from "../../lib/vault/cluster";
import { VaultUnreachable } from "../../lib/vault/unanswered";
import { makeCertificate } from "../support/certificate";
import { scratchFolder } from "../support/folder";
import { type Answer, type Call, type Stub, serveStub } from "../support/vault/server";

const tls = makeCertificate(scratchFolder(), "server");
const { caFile } = tls;
const open: (Stub | Server)[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const unsealed = ({ name }: Call): Answer => [200, { at: name }];
const sealed = (): Answer => [503, { errors: ["Vault is sealed"] }];

async function server(answer: (call: Call) => Answer = unsealed): Promise<Stub> {
  const stub = await serveStub(answer, tls);
  open.push(stub);
  return stub;
}

/** A listener that accepts connections, and never answers. */
async function silent(): Promise<string> {
  const listener = createServer(() => {});
  open.push(listener);
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  return `https://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

function clientOf(...addresses: string[]): VaultClient {
  const [address = "", ...otherAddresses] = addresses;
  return VaultClient.at({ address, otherAddresses, caFile });
}
const asked = ({ calls }: Stub) => calls.map(({ name }) => name).filter((name) => name !== "GET sys/health");
const get = (client: VaultClient) => client.call({ path: "x" }, z.object({ at: z.string() }));

test.each([
  ["refuses connections", async () => "https://127.0.0.1:1"],
  ["never answers", silent],
  ["is sealed", async () => (await server(sealed)).address],
  ["shows another certificate", async () => (await serveOther()).address],
])("a server that %s is passed over", async (_, make) => {
  const live = await server();
  const client = clientOf(await make(), live.address);
  expect(await get(client)).toEqual({ at: "GET x" });
  expect(client.address).toBe(live.address);
});

async function serveOther(): Promise<Stub> {
  const stub = await serveStub(unsealed, makeCertificate(scratchFolder(), "other"));
  open.push(stub);
  return stub;
}

test("goes on at another server when the chosen one is gone, and stays there", async () => {
  const [one, other] = [await server(), await server()];
  const client = clientOf(one.address, other.address);
  await get(client);
  const [chosen, next] = client.address === one.address ? [one, other] : [other, one];
  await chosen.close();
  await get(client);
  await client.write("y", {});
  expect([asked(chosen), asked(next)]).toEqual([["GET x"], ["GET x", "POST y"]]);
  expect(client.withToken("t").address).toBe(next.address);
});

test("never sends a write twice that a server may have taken", async () => {
  const other = await server(({ name }) => (name === "GET sys/health" ? [503, {}] : [200, {}]));
  const one = await server(({ name }) => (name === "GET sys/health" ? [200, {}] : [200, "no JSON"]));
  const client = clientOf(one.address, other.address);
  await expect(client.write("y", {})).rejects.toThrow(VaultUnreachable);
  expect([asked(one), asked(other)]).toEqual([["POST y"], []]);
  await expect(get(client)).rejects.toThrow(VaultUnreachable);
  expect([asked(one), asked(other)]).toEqual([["POST y", "GET x", "GET x"], []]);
});

test("a standby that redirects, since it does not reach the active server, is passed over, for a write too", async () => {
  const alone = await server(({ name }) => [name === "GET sys/health" ? 200 : 307, {}]);
  const live = await server();
  const client = clientOf(alone.address, live.address);
  for (let time = 0; time < 5; time++) await client.write("y", {});
  expect(asked(live)).toHaveLength(5);
  expect(asked(alone).length).toBeLessThanOrEqual(1);
});

test("while another active server is elected, a call waits for it, and a write is done once", async () => {
  let left = 3;
  const standby = ({ name }: Call): Answer => {
    if (name === "GET sys/health" || left === 0) return [200, {}];
    left -= 1;
    return left % 2 === 0
      ? [307, {}]
      : [500, { errors: ["local node not active but active cluster node not found"] }];
  };
  const [one, other] = [await server(standby), await server(standby)];
  await clientOf(one.address, other.address).write("y", {});
  expect([...asked(one), ...asked(other)]).toEqual(Array(4).fill("POST y"));
});

test("what only reads is asked again after a server's fault, and a write is not", async () => {
  const fault = (): Answer => [500, { errors: ["internal error"] }];
  const faulty = await server((call) => (call.name === "GET sys/health" ? [200, {}] : fault()));
  const live = await server((call) => (call.name === "GET sys/health" ? [503, {}] : unsealed(call)));
  const client = clientOf(faulty.address, live.address);
  await expect(client.write("y", {})).rejects.toMatchObject({ status: 500 });
  expect(await get(client).catch(() => asked(faulty))).toEqual(["POST y", "GET x", "GET x"]);
});

test.each([
  ["the opening of an invitation", "sys/wrapping/unwrap", {}],
  ["a credential", "auth/approle/role/web1/secret-id", {}],
  ["a key over a known version", "secret/data/openrouter", { options: { cas: 1 }, data: {} }],
])(
  "%s is not sent again after a redirect: the server that took it may have been lost",
  async (_, path, body) => {
    const standby = await server(({ name }) => [name === "GET sys/health" ? 200 : 307, {}]);
    const other = await server(({ name }) => [name === "GET sys/health" ? 503 : 200, {}]);
    await expect(clientOf(standby.address, other.address).write(path, body)).rejects.toThrow(
      VaultUnreachable,
    );
    expect([...asked(standby), ...asked(other)]).toEqual([`POST ${path}`]);
  },
);

test("a server that was sealed since is passed over too", async () => {
  let isSealed = false;
  const one = await server((call) => (isSealed ? sealed() : unsealed(call)));
  const client = clientOf("https://127.0.0.1:1", one.address);
  await get(client);
  isSealed = true;
  await expect(get(client)).rejects.toMatchObject({ status: 503 });
  isSealed = false;
  await get(client);
});

test("where all are sealed, one of them says so; where none answers, the first is named", async () => {
  const one = await server(sealed);
  await expect(get(clientOf("https://127.0.0.1:1", one.address))).rejects.toMatchObject({ status: 503 });
  await expect(get(clientOf("https://127.0.0.1:1", "https://127.0.0.1:2"))).rejects.toMatchObject({
    props: { problem: "Vault does not answer at https://127.0.0.1:1." },
  });
});

test("names the servers that do not answer, are sealed or are others", async () => {
  const [live, closed] = [await server(), await server(sealed)];
  const other = await serveOther();
  const dead = "https://127.0.0.1:1";
  const addresses = [live.address, closed.address, dead, other.address];
  expect(await silentServers(addresses, caFile)).toEqual([closed.address, dead, other.address]);
});
