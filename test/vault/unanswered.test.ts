import { NotVault, VaultUnreachable, whyUnanswered } from "../../lib/vault/unanswered";

const place = { address: "https://127.0.0.1:8200" };
const failed = (code: string) => whyUnanswered(place, Object.assign(new Error("socket"), { code }));

test("an answer that is not TLS is another program's: waiting does not help", () => {
  expect(failed("EPROTO")).toBeInstanceOf(NotVault);
  expect(String(failed("EPROTO"))).toContain("an answer that is not TLS");
});

test("a refused connection may pass", () => {
  const error = failed("ECONNREFUSED");
  expect(error).toBeInstanceOf(VaultUnreachable);
  expect(error).not.toBeInstanceOf(NotVault);
  expect(String(error)).toContain("`openclaw-openrouter up` starts it");
});

test("an external Vault is its owner's to start", () => {
  const external = { prefix: "openclaw", keyPath: "secret/openrouter", container: "vault" };
  const error = whyUnanswered(
    { ...place, external },
    Object.assign(new Error("socket"), { code: "ETIMEDOUT" }),
  );
  expect(String(error)).toMatch(/docker start vault\n.*compose.*docker compose up -d\n.*unseal/);
});
