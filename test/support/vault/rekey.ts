import { randomUUID } from "node:crypto";
import type { Answer } from "./server";

/** The Vault whose shares are re-created. */
interface Rekeyed {
  shares: string[];
  threshold: number;
}

interface Under {
  readonly nonce: string;
  readonly n: number;
  readonly t: number;
  readonly verified: boolean;
  given: string[];
  made: string[] | undefined;
  verification: { nonce: string; given: string[] };
}

/** A Vault's rekey, as Vault 1.21.2 does it: anybody may begin, cancel and feed one. */
export class StubRekey {
  private under: Under | undefined;
  private count = 1;

  constructor(private readonly vault: Rekeyed) {}

  // biome-ignore lint/suspicious/noExplicitAny: each call's body is its own
  answer(name: string, body: any): Answer {
    const command = name.replace(" sys/rekey/", " ");
    if (command === "GET init") return [200, this.status()];
    if (command === "PUT init") return this.begin(body);
    if (command === "DELETE init") return this.cancel(body);
    const { under } = this;
    if (command === "PUT update")
      return under ? this.update(under, body) : refusal("no barrier rekey in progress");
    if (!under)
      return refusal(command === "PUT verify" ? "no rekey in progress" : "no rekey configuration found");
    if (command === "DELETE verify") {
      under.verification = { nonce: randomUUID(), given: [] };
      return [200, {}];
    }
    return this.verify(under, body);
  }

  private status() {
    const { under, vault } = this;
    if (!under) return { started: false, nonce: "", required: vault.threshold };
    const { nonce, n, t, verified, given, made, verification } = under;
    const waiting = made ? { verification_nonce: verification.nonce } : {};
    const progress = given.length;
    return {
      started: true,
      nonce,
      n,
      t,
      progress,
      required: vault.threshold,
      verification_required: verified,
      ...waiting,
    };
  }

  private begin(body: {
    secret_shares: number;
    secret_threshold: number;
    require_verification?: boolean;
  }): Answer {
    if (this.under) return refusal("rekey already in progress");
    this.under = {
      nonce: randomUUID(),
      n: body.secret_shares,
      t: body.secret_threshold,
      verified: body.require_verification === true,
      given: [],
      made: undefined,
      verification: { nonce: randomUUID(), given: [] },
    };
    return [200, this.status()];
  }

  private cancel({ nonce }: { nonce?: string }): Answer {
    if (this.under && this.under.nonce !== nonce) return refusal("invalid request");
    this.under = undefined;
    return [204];
  }

  private update(under: Under, { key, nonce }: { key: string; nonce: string }): Answer {
    if (under.made) return refusal("rekey operation already finished; verification must be performed");
    if (nonce !== under.nonce) return refusal(`incorrect nonce supplied; nonce is "${under.nonce}"`);
    under.given.push(key);
    if (under.given.length < this.vault.threshold) return [200, this.status()];
    const fits = under.given.every((each) => this.vault.shares.includes(each));
    under.given = [];
    if (!fits) return [500, { errors: ["failed to read root key: failed to decrypt keys from storage"] }];
    this.count += 1;
    under.made = Array.from({ length: under.n }, (_, index) =>
      Buffer.from(`new ${this.count}.${index}`).toString("base64"),
    );
    return [200, { complete: true, keys_base64: under.made }];
  }

  private verify(under: Under, { key, nonce }: { key: string; nonce: string }): Answer {
    const { verification, made } = under;
    if (!made) return refusal("no rekey verification in progress");
    if (nonce !== verification.nonce)
      return refusal(`incorrect nonce supplied; nonce is "${verification.nonce}"`);
    verification.given.push(key);
    if (verification.given.length < under.t) return [200, { progress: verification.given.length }];
    const fits = verification.given.every((each) => made.includes(each));
    under.verification = { nonce: randomUUID(), given: [] };
    if (!fits) return refusal("rekey verification failed; incorrect key shares supplied");
    this.vault.shares = made;
    this.vault.threshold = under.t;
    this.under = undefined;
    return [200, { complete: true }];
  }
}

function refusal(words: string): Answer {
  return [400, { errors: [words] }];
}
