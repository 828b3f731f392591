import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { VaultClient } from "../../lib/vault/client";
import { VaultUnreachable, VaultUntrusted } from "../../lib/vault/unanswered";
import { waitForVault } from "../../lib/vault/wait";
import { makeCertificate, type TestCertificate } from "../support/certificate";
import { scratchFolder } from "../support/folder";

const folder = scratchFolder();
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** Something that answers by TLS as Vault does. @returns its address */
async function serve({ certificateFile, keyFile }: TestCertificate): Promise<string> {
  const files = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
  const server = createServer(files, (request, response) => {
    response.end(JSON.stringify({ token: request.headers["x-vault-token"] }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const own = makeCertificate(folder, "own");
const authority = makeCertificate(folder, "authority", { names: "DNS:authority" });
const read = (address: string, caFile?: string) =>
  VaultClient.at({ address, ...(caFile ? { caFile } : {}) })
    .withToken("a-token")
    .call({ path: "x" }, z.object({ token: z.string() }));

test.each([
  ["by itself", own],
  ["by an authority", makeCertificate(folder, "issued", { authority })],
])("a certificate that is verified %s is trusted", async (_name, certificate) => {
  expect(await read(await serve(certificate), certificate.caFile)).toEqual({ token: "a-token" });
});

test.each([
  ["pins another CA", authority.caFile],
  ["lost the file", join(folder, "lost.pem")],
])("a joined host that %s is told how it gets the present one", async (_, caFile) => {
  const external = { prefix: "openclaw", keyPath: "secret/openrouter/web1", joinedAs: "web1" };
  const status = VaultClient.at({ address: await serve(own), caFile, external }).find({ path: "x" }, z.any());
  await expect(status).rejects.toMatchObject({
    props: { fix: expect.stringContaining("host invite web1 --again") },
  });
});

test("a dozen calls at once share three connections", async () => {
  const address = await serve(own);
  const connected = jest.fn();
  servers.at(-1)!.on("secureConnection", connected);
  const answers = await Promise.all(Array.from({ length: 12 }, () => read(address, own.caFile)));
  expect(answers).toHaveLength(12);
  expect(connected.mock.calls.length).toBeLessThanOrEqual(3);
});

test("a connection that one CA verified is not used by who pins another one", async () => {
  const address = await serve(own);
  await read(address, own.caFile);
  await expect(read(address, authority.caFile)).rejects.toBeInstanceOf(VaultUntrusted);
  await expect(read(address)).rejects.toBeInstanceOf(VaultUntrusted);
});

describe("no token goes to what does not show that it is Vault", () => {
  test.each<[string, TestCertificate, string | undefined, string]>([
    ["another CA", own, authority.caFile, "self-signed certificate"],
    ["no CA of ours", own, undefined, "self-signed certificate"],
    [
      "another name",
      makeCertificate(folder, "name", { names: "DNS:vault.example" }),
      join(folder, "name.pem"),
      "127.0.0.1 is not in the cert's list",
    ],
  ])("%s", async (_name, certificate, caFile, message) => {
    const address = await serve(certificate);
    const asked = jest.fn();
    servers.at(-1)!.on("request", asked);
    const error = await read(address, caFile).catch((caught) => caught);
    expect(error).toBeInstanceOf(VaultUntrusted);
    expect(error).not.toBeInstanceOf(VaultUnreachable);
    expect(error.message).toContain(message);
    expect(error.message).toContain("a certificate for 127.0.0.1");
    expect(asked).not.toHaveBeenCalled();
  });

  test("and it is not waited for", async () => {
    const client = VaultClient.at({ address: await serve(own), caFile: authority.caFile });
    await expect(waitForVault(client)).rejects.toBeInstanceOf(VaultUntrusted);
  });

  test("a CA that is not there is named", async () => {
    const missing = join(folder, "missing.pem");
    await expect(read(await serve(own), missing)).rejects.toThrow(`${missing}, the CA certificates`);
  });
});

test("plain HTTP in TLS's place is reported as unreachable", async () => {
  const { createServer: createPlain } = await import("node:http");
  const plain = createPlain((_request, response) => response.end("{}"));
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const address = `https://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  await expect(read(address, own.caFile)).rejects.toBeInstanceOf(VaultUnreachable);
  plain.closeAllConnections();
  plain.close();
});
