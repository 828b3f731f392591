import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificate, type TestCertificate } from "../../support/certificate";
import { GuideVault } from "./guide-vault";
import type { TestHost } from "./host";

const policy = `
path "transit/encrypt/autounseal" { capabilities = ["update"] }
path "transit/decrypt/autounseal" { capabilities = ["update"] }
`;

/** Another Vault, whose transit engine unseals ours. */
export class TransitProvider {
  readonly vault: GuideVault;
  readonly tokenFile: string;
  private readonly certificate: TestCertificate;
  token = "";

  constructor(private readonly host: TestHost) {
    const names = `IP:127.0.0.1,IP:${this.hostAddress()}`;
    this.certificate = makeCertificate(host.folder, "provider", { names });
    this.vault = new GuideVault(host, {
      container: "provider",
      port: 8400,
      tls: this.certificate,
      onHostNetwork: true,
    });
    this.tokenFile = join(host.folder, "transit-token");
  }

  async start(): Promise<void> {
    await this.vault.start();
    this.vault.asRoot(["secrets", "enable", "transit"]);
    this.vault.asRoot(["write", "-f", "transit/keys/autounseal"]);
    this.vault.asRoot(["policy", "write", "autounseal", "-"], policy);
    this.renewToken();
  }

  /** A new one in the file; the one before lives on. */
  renewToken(): void {
    this.token = this.vault.asRoot([
      ...["token", "create", "-orphan", "-policy=autounseal", "-period=24h", "-field=token"],
    ]);
    writeFileSync(this.tokenFile, `${this.token}\n`, { mode: 0o600 });
  }

  /** `vault.seal` of the settings, by an address of the host: containers of other networks reach that one alone. */
  get seal(): object {
    const { caFile } = this.certificate;
    const transit = { address: `https://${this.hostAddress()}:8400`, tokenFile: this.tokenFile, caFile };
    return { type: "transit", transit };
  }

  /** That of the engine's own bridge: the first of its subnet. */
  private hostAddress(): string {
    const subnet = this.host.docker(
      ...["network", "inspect", "bridge", "-f", "{{(index .IPAM.Config 0).Subnet}}"],
    );
    return subnet.replace(/\d+\/\d+$/, "1");
  }
}
