import { bundleImage } from "../../lib/bundle/image";
import { TestHost } from "../e2e/support/host";

/** Another container on the same engine, as a compose project beside it has one. */
describe("a container beside Vault's", () => {
  const host = new TestHost();

  beforeAll(() => host.mustRun(["up", "-i", "sandbox"]));
  afterAll(() => host.remove());

  const container = "openclaw-sandbox-vault";
  const address = () =>
    host.docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container);

  /** What a shell line in such a container prints, and how it ends. */
  function inNeighbour(line: string, ...options: string[]): string {
    const run = [
      "run",
      "--rm",
      "--entrypoint",
      "sh",
      ...options,
      bundleImage,
      "-c",
      `${line} 2>&1; echo rc=$?`,
    ];
    return host.docker(...run);
  }

  test("does not reach Vault by its address, whichever of the engine's networks it is on", () => {
    host.docker("network", "create", "theirs");
    for (const network of ["bridge", "theirs"]) {
      const said = inNeighbour(`timeout 5 nc -w 3 ${address()} 8200 </dev/null`, "--network", network);
      expect(said).not.toMatch(/rc=0$/);
    }
  });

  test("knows no name of it", () => {
    expect(inNeighbour(`nslookup ${container}`, "--network", "theirs")).not.toMatch(/rc=0$/);
  });

  test.each(["1000:1000", "65534:65534"])(
    "as uid and gid %s cannot enter the folder of the Unix listener",
    (user) => {
      const said = inNeighbour(
        "ls -l /socket; cat /socket/vault.sock",
        "-u",
        user,
        "-v",
        `${container}-socket:/socket`,
      );
      expect(said).toMatch(/Permission denied/i);
      expect(said).not.toMatch(/vault\.sock$/m);
    },
  );
});
