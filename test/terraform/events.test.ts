import { parseEvent } from "../../lib/terraform/events";

test("an error, with the resource that it is about", () => {
  const line = JSON.stringify({
    "@level": "error",
    type: "diagnostic",
    diagnostic: {
      severity: "error",
      summary: "Invalid",
      detail: "why",
      address: "a.b",
      range: { filename: "cdk.tf.json" },
    },
  });
  expect(parseEvent(line)).toEqual({
    type: "diagnostic",
    diagnostic: { severity: "error", summary: "Invalid", detail: "why", address: "a.b" },
  });
});

test("a warning without detail", () => {
  const line = '{"type":"diagnostic","diagnostic":{"severity":"warning","summary":"Old"}}';
  expect(parseEvent(line)).toEqual({
    type: "diagnostic",
    diagnostic: { severity: "warning", summary: "Old", detail: "" },
  });
});

test("what is begun, and what a step of ours says", () => {
  expect(
    parseEvent('{"type":"apply_start","hook":{"resource":{"addr":"a.b","x":1},"action":"create"}}'),
  ).toEqual({
    type: "apply_start",
    hook: { resource: { addr: "a.b" }, action: "create" },
  });
  expect(
    parseEvent('{"type":"provision_progress","hook":{"resource":{"addr":"a.b"},"output":"unsealing"}}'),
  ).toEqual({
    type: "provision_progress",
    hook: { resource: { addr: "a.b" }, output: "unsealing" },
  });
});

test.each([
  "",
  "Initializing the backend...",
  "{",
  "null",
  "[]",
  '{"type":"version","terraform":"1.11.4"}',
  '{"type":"planned_change","change":{"resource":{"addr":"a.b"},"action":"create"}}',
  '{"type":"diagnostic"}',
  '{"type":"diagnostic","diagnostic":{"severity":"fatal","summary":"x"}}',
])("another line is no event: %j", (line) => {
  expect(parseEvent(line)).toBeUndefined();
});
