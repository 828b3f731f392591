import { UserError } from "../../lib/core/errors";
import {
  planSchema,
  refuseDataLoss,
  refuseForeignLoss,
  refuseLoss,
  refuseUnwritable,
} from "../../lib/terraform/plan";

const plan = (type: string, ...actions: string[]) =>
  planSchema.parse({ resource_changes: [{ address: `${type}.it`, type, change: { actions } }] });

const kept = ["docker_volume", "vault_mount", "vault_kv_secret_v2"];

describe.each(kept)("%s", (type) => {
  test.each([["delete"], ["delete", "create"], ["create", "delete"]])(
    "is neither deleted nor replaced: %s %s",
    (...actions) => {
      expect(() => refuseDataLoss(plan(type, ...actions))).toThrow(UserError);
      expect(() => refuseDataLoss(plan(type, ...actions))).toThrow(`${type}.it: ${actions.join(" and ")}`);
    },
  );

  test.each([["no-op"], ["create"], ["read"], ["update"], ["forget"]])("may be %s", (action) => {
    expect(() => refuseDataLoss(plan(type, action))).not.toThrow();
  });
});

test("a resource that holds no data may be deleted", () => {
  for (const type of ["docker_container", "local_file", "terraform_data", "vault_policy"]) {
    expect(() => refuseDataLoss(plan(type, "delete"))).not.toThrow();
  }
});

describe.each(["docker_container", "docker_network"])("a %s that the state takes for ours", (type) => {
  const removing = (before: unknown) =>
    planSchema.parse({
      resource_changes: [{ address: `${type}.it`, type, change: { actions: ["delete", "create"], before } }],
    });
  const labelled = (value: string) => ({ labels: [{ label: "openclaw-openrouter.instance", value }] });

  test("may go if it has the instance's label", () => {
    expect(() => refuseForeignLoss(removing(labelled("an-id")), "an-id")).not.toThrow();
  });

  test.each([
    ["another's", labelled("other")],
    ["none", { labels: [] }],
    ["unknown ones", { labels: "x" }],
    ["nothing", null],
  ])("may not go with %s", (_, before) => {
    expect(() => refuseForeignLoss(removing(before), "an-id")).toThrow(`${type}.it: delete and create`);
  });
});

describe("a file that the state takes for a rendered one", () => {
  const removing = (before: unknown) =>
    planSchema.parse({
      resource_changes: [
        { address: "local_file.it", type: "local_file", change: { actions: ["delete"], before } },
      ],
    });

  test("may go if Terraform renders one of that path", () => {
    const filename = "/root/.local/share/openclaw-openrouter/default/rendered/config.json";
    expect(() => refuseLoss(removing({ filename }), "an-id")).not.toThrow();
  });

  test.each([[{ filename: "/etc/ssh/sshd_config" }], [{ filename: 7 }], [null]])(
    "may not go: %j",
    (before) => {
      expect(() => refuseLoss(removing(before), "an-id")).toThrow("local_file.it");
    },
  );
});

test.each([
  ["a file of another type", "local_sensitive_file", { filename: "/etc/shadow" }],
  ["another secret in Vault", "vault_kv_secret", { path: "secret/payroll" }],
  ["an image that would not be kept", "docker_image", { keep_locally: false }],
  ["an image of which that is unknown", "docker_image", null],
])("of what no stack declares, %s may not go", (_, type, before) => {
  const change = { actions: ["delete"], before };
  const removing = planSchema.parse({ resource_changes: [{ address: `${type}.it`, type, change }] });
  expect(() => refuseLoss(removing, "an-id")).toThrow(`${type}.it`);
});

test("an image that is kept may be replaced", () => {
  const change = { actions: ["delete", "create"], before: { keep_locally: true } };
  const replacing = [{ address: "docker_image.vault", type: "docker_image", change }];
  expect(() => refuseLoss(planSchema.parse({ resource_changes: replacing }), "an-id")).not.toThrow();
});

test("everything that would be lost is named", () => {
  const changes = kept.flatMap((type) => plan(type, "delete").resource_changes);
  const harmless = plan("docker_container", "delete", "create").resource_changes;
  expect(() => refuseDataLoss({ resource_changes: [...harmless, ...changes] })).toThrow(
    "docker_volume.it: delete; vault_mount.it: delete; vault_kv_secret_v2.it: delete",
  );
});

describe.each(["vault_audit", "vault_mount", "vault_policy", "vault_approle_auth_backend_role"])(
  "%s",
  (type) => {
    test.each([["create"], ["update"], ["delete"], ["delete", "create"]])(
      "is not Terraform's to %s: the refusal names what writes it",
      (...actions) => {
        const refuse = () =>
          refuseUnwritable(plan(type, ...actions), "openclaw-openrouter vault renew-identities");
        expect(refuse).toThrow(UserError);
        expect(refuse).toThrow(`${type}.it: ${actions.join(" and ")}`);
        expect(refuse).toThrow("openclaw-openrouter vault renew-identities");
      },
    );

    // An import is none of the actions.
    test.each([["no-op"], ["read"], ["forget"]])("may be %s", (action) => {
      expect(() => refuseUnwritable(plan(type, action), "")).not.toThrow();
    });
  },
);

test("the secret may be created and updated", () => {
  expect(() => refuseUnwritable(plan("vault_kv_secret_v2", "update"), "")).not.toThrow();
});

test("of a plan no value is kept: some are secrets", () => {
  const values = { before: { data_json: "sk-or-v1-x" }, after: { data_json: "sk-or-v1-y" } };
  const read = planSchema.parse({
    format_version: "1.2",
    planned_values: values,
    resource_changes: [{ address: "a.b", type: "a", change: { actions: ["update"], ...values } }],
  });
  expect(JSON.stringify(read)).not.toContain("sk-or");
});

test("a plan without changes is accepted", () => {
  expect(() => refuseDataLoss(planSchema.parse({}))).not.toThrow();
});
