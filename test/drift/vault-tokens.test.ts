import { DriftContext } from "../../lib/drift/context";
import { vaultTokens } from "../../lib/drift/probes/vault-tokens";
import { homePaths } from "../../lib/model/home-paths";
import { operatorPolicy } from "../../lib/model/vault/policies";
import { Acl } from "../../lib/vault/access/acl";
import { parsePolicy } from "../../lib/vault/access/policy-text";
import { scratchFolder } from "../support/folder";

test("a root token is revoked by a command that asks for the shares, if they are off the host", async () => {
  const context: DriftContext = Object.create(DriftContext.prototype, {
    home: { value: homePaths(scratchFolder()) },
    deployed: { value: {} },
    tokens: { value: async () => [{ policies: ["root"], accessor: "a1" }] },
  });
  const [found] = await vaultTokens.inspect(context);
  expect(found?.fix).toEqual({
    by: "person",
    command: "openclaw-openrouter vault renew-identities  (asks for the shares)",
  });
  // An operator's token cannot do it.
  const operator = new Acl([{ name: "operator", rules: parsePolicy(operatorPolicy) }]);
  expect(operator.at("auth/token/revoke-accessor")).toBeUndefined();
});
