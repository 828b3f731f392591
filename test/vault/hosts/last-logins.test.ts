import { Readable } from "node:stream";
import type { EngineApi } from "../../../lib/docker/engine-api";
import { lastLogins, loginsIn } from "../../../lib/vault/hosts/last-logins";

const line = (fields: object) => `${JSON.stringify(fields)}\n`;
const login = (role: string, time: string, fields: object = {}) =>
  line({
    ...{ type: "response", time, request: { path: "auth/approle/login" } },
    ...{ auth: { metadata: { role_name: role } } },
    ...fields,
  });

test("the last successful login of each role counts, in pieces as the engine sends them", async () => {
  const log = [
    "==> Vault server started!\n",
    login("web1", "2026-11-01T00:00:00Z"),
    login("web1", "2026-11-02T00:00:00Z"),
    login("web2", "2026-11-03T00:00:00Z"),
    // A request is logged before anything of it is proved.
    login("web2", "2026-11-04T00:00:00Z", { type: "request" }),
    login("web2", "2026-11-05T00:00:00Z", { auth: {}, error: "invalid role or secret ID" }),
    line({ ...{ type: "response", time: "2026-11-06T00:00:00Z", request: { path: "secret/data/x" } } }),
    '{"request":{"path":"auth/approle/login"',
  ].join("");
  const pieces = log.match(/[\s\S]{1,37}/g)!.map((piece) => Buffer.from(piece));
  expect([...(await loginsIn(Readable.from(pieces)))]).toEqual([
    ["web1", "2026-11-02T00:00:00Z"],
    ["web2", "2026-11-03T00:00:00Z"],
  ]);
});

test("a log that breaks off is an error, not an endless wait", async () => {
  const broken = Readable.from(
    (function* () {
      yield Buffer.from([1, 0, 0, 0, 0, 0, 0, 9]);
      throw new Error("the engine ended");
    })(),
  );
  const engine = { stream: async () => broken } as unknown as EngineApi;
  await expect(lastLogins(engine, "vault")).rejects.toThrow("the engine ended");
});
