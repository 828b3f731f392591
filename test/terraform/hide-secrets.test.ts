import { hideBackendSecrets } from "../../lib/terraform/hide-secrets";

test.each([
  ["a connection's URL", { PG_CONN_STR: "postgres://u:hunter2@db/x" }, 'parse "postgres://u:hunter2@db/x"'],
  ["its password alone", { PG_CONN_STR: "postgres://u:hunter2@db/x" }, "no such password: hunter2"],
  ["its password as meant", { PG_CONN_STR: "postgres://u:hunter%32@db/x" }, "wrong: hunter2"],
  ["the libpq form", { PG_CONN_STR: "host=db password='hunter2' user=u" }, "near hunter2"],
  ["another one of the libpq form", {}, "in host=db password = hunter2 user=u"],
  ["a URL that nobody gave", {}, "dial postgres://u:hunter2@db/x"],
  ["a password of its own", { PGPASSWORD: "hunter2" }, "refused hunter2"],
  ["another backend's", { TF_HTTP_PASSWORD: "hunter2" }, "401 for ann:hunter2"],
])("%s is not shown", (_, environment, text) => {
  expect(hideBackendSecrets(text, environment)).not.toContain("hunter2");
});

test("all else is", () => {
  const text = 'pq: password authentication failed for user "terraform" at db.example.com:5432';
  expect(hideBackendSecrets(text, { PGPASSWORD: "hunter2", PGHOST: "db.example.com" })).toBe(text);
});
