import { ApproleAuthBackendRole } from "@cdktf/provider-vault/lib/approle-auth-backend-role";
import { Policy } from "@cdktf/provider-vault/lib/policy";
import type { Construct } from "constructs";
import { type Identity, type IdentityName, identityNames } from "../model/vault/identities";

/** Declares policies and roles that are written by other means: they are imported and compared. */
export function declareIdentities(
  scope: Construct,
  declared: Readonly<Record<IdentityName, Identity>>,
): ApproleAuthBackendRole[] {
  return identityNames.map((name) => {
    const identity = declared[name];
    const policy = new Policy(scope, `${name}-policy`, { name: identity.role, policy: identity.policy });
    policy.importFrom(identity.role);
    const role = new ApproleAuthBackendRole(scope, `${name}-role`, {
      backend: "approle",
      roleName: identity.role,
      tokenPolicies: [policy.name],
      tokenType: "batch",
      tokenTtl: identity.tokenTtl,
      tokenNoDefaultPolicy: true,
      secretIdTtl: 0,
      secretIdNumUses: 0,
      bindSecretId: true,
    });
    role.importFrom(`auth/approle/role/${identity.role}`);
    return role;
  });
}
