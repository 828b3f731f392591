import { join } from "node:path";
import { settingsSchema } from "../../lib/config/settings";
import { deployment } from "../../lib/model/deployment";
import { homePaths } from "../../lib/model/home-paths";
import { describeInstance } from "../support/deployment";

/** The names and places that keep instances apart. */
function places(instance: string, settings: object = {}) {
  const { container, dataVolume, homeVolume, port, address, baseUrl, openclawFolder } = describeInstance(
    settings,
    {
      instance,
      home: `/homes/${instance}`,
    },
  );
  return { container, dataVolume, homeVolume, port, address, baseUrl, openclawFolder };
}

test("default is the setup guide's arrangement", () => {
  expect(places("default")).toEqual({
    container: "vault",
    dataVolume: "vault-data",
    homeVolume: "vault-home",
    port: 8200,
    address: "https://127.0.0.1:8200",
    baseUrl: "https://openrouter.ai/api/v1",
    openclawFolder: "/home/ada/.openclaw",
  });
});

test("another instance has names of its own", () => {
  expect(places("paris")).toMatchObject({
    container: "vault-paris",
    dataVolume: "vault-paris-data",
    homeVolume: "vault-paris-home",
    openclawFolder: "/home/ada/.openclaw-paris",
  });
});

test("the settings name what is to be otherwise", () => {
  const settings = {
    vault: { container: "safe", port: 8300 },
    openrouter: { baseUrl: "https://proxy.example/v1" },
    openclaw: { folder: "/srv/claw" },
  };
  expect(places("paris", settings)).toEqual({
    container: "safe",
    dataVolume: "safe-data",
    homeVolume: "safe-home",
    port: 8300,
    address: "https://127.0.0.1:8300",
    baseUrl: "https://proxy.example/v1",
    openclawFolder: "/srv/claw",
  });
});

describe("the sandbox", () => {
  const own = places("sandbox");

  test("has places other than anybody's", () => {
    expect(own).toEqual({
      container: "openclaw-sandbox-vault",
      dataVolume: "openclaw-sandbox-vault-data",
      homeVolume: "openclaw-sandbox-vault-home",
      port: 18200,
      address: "https://127.0.0.1:18200",
      baseUrl: "http://127.0.0.1:18201/api/v1",
      openclawFolder: "/homes/sandbox/openclaw",
    });
  });

  test("keeps them whatever the settings say", () => {
    const settings = settingsSchema.parse({
      vault: { container: "vault", port: 8200 },
      openrouter: { baseUrl: "https://openrouter.ai/api/v1" },
      openclaw: { folder: "/home/ada/.openclaw" },
    });
    expect(deployment("sandbox", settings, "/homes/sandbox", "/home/ada")).toMatchObject(own);
  });

  test("has the local OpenRouter at the port that its settings name", () => {
    const settings = settingsSchema.parse({ sandbox: { port: 18301 } });
    expect(deployment("sandbox", settings, "/homes/sandbox", "/home/ada").baseUrl).toBe(
      "http://127.0.0.1:18301/api/v1",
    );
  });
});

test("everything of an instance lies below its home, each thing at a path of its own", () => {
  const { state, deployedState, movedState, credentials, scheduledRun, root, ...files } =
    homePaths("/homes/x");
  const paths = [
    ...Object.values(files),
    state("vault"),
    state("openrouter"),
    deployedState("vault"),
    deployedState("openrouter"),
    movedState("vault"),
    movedState("openrouter"),
    credentials("deployer"),
    credentials("reader"),
    credentials("auditor"),
    scheduledRun("check"),
    scheduledRun("drift"),
  ];
  expect(new Set(paths).size).toBe(paths.length);
  for (const path of paths) expect(path.startsWith(`${root}/`)).toBe(true);
});

test("the files that users know keep their names", () => {
  const home = homePaths("/homes/x");
  expect([home.shares, home.state("vault"), join(home.credentials("deployer"), "role_id")]).toEqual([
    "/homes/x/shares.json",
    "/homes/x/terraform/vault.tfstate",
    "/homes/x/credentials/deployer/role_id",
  ]);
});
