import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { clientEnvironment } from "../../../lib/model/vault/vault-config";
import { placeAsItServes, rememberServedCa } from "../../../lib/vault/container/served-place";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const container = (tls: boolean, port = 8300) => ({
  Config: { Env: ["PATH=/bin", ...clientEnvironment(tls)] },
  HostConfig: { PortBindings: { "8200/tcp": [{ HostPort: String(port) }] } },
});

function instance() {
  const folder = scratchFolder();
  const caFile = join(folder, "ca.pem");
  const declare = (settings: object) =>
    describeInstance({ vault: { port: 8300, ...settings } }, { home: join(folder, "home") });
  const withTls = declare({ tls: { certificateFile: "/c.pem", keyFile: "/k.pem", caFile } });
  return { caFile, withTls, without: declare({ tls: false }) };
}

const trusted = (place: { caFile?: string }) => readFileSync(place.caFile ?? "", "utf8");

test("a container without TLS answers by plain HTTP, also where TLS is declared by now", () => {
  const { withTls, without } = instance();
  for (const deployment of [withTls, without]) {
    expect(placeAsItServes(deployment, container(false))).toEqual({
      address: "http://127.0.0.1:8300",
      listener: { home: deployment.home.root, container: "vault", own: true },
    });
  }
});

test("a container answers on the port that it was made with, also where another one is declared by now", () => {
  expect(placeAsItServes(instance().without, container(false, 8200)).address).toBe("http://127.0.0.1:8200");
});

test("after a deploy its CA is trusted, also where TLS is switched off by now", () => {
  const { caFile, withTls, without } = instance();
  writeFileSync(caFile, "first\n");
  rememberServedCa(withTls);
  const place = placeAsItServes(without, container(true));
  expect(place.address).toBe("https://127.0.0.1:8300");
  expect(trusted(place)).toBe("first\n");
  expect(statSync(withTls.home.vaultCa).mode & 0o777).toBe(0o600);
});

test("between two CAs both are trusted, and after the deploy the new one alone", () => {
  const { caFile, withTls } = instance();
  writeFileSync(caFile, "first\n");
  rememberServedCa(withTls);
  writeFileSync(caFile, "second\n");
  for (let run = 0; run < 2; run++) {
    expect(trusted(placeAsItServes(withTls, container(true)))).toBe("first\n\nsecond\n");
  }
  rememberServedCa(withTls);
  expect(trusted(placeAsItServes(withTls, container(true)))).toBe("second\n");
});

test("where nothing is remembered, what is declared is trusted", () => {
  const { caFile, withTls, without } = instance();
  writeFileSync(caFile, "first\n");
  expect(trusted(placeAsItServes(withTls, container(true)))).toContain("first");
  rememberServedCa(without);
  expect(existsSync(withTls.home.vaultCa)).toBe(false);
  expect(placeAsItServes(without, container(true))).toEqual({ address: "https://127.0.0.1:8300" });
});
