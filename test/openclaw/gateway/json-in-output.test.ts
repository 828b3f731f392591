import { jsonInOutput } from "../../../lib/openclaw/gateway/json-in-output";

const pretty = '[\n  {\n    "id": "main"\n  }\n]';

test.each<[string, string]>([
  ["alone", pretty],
  ["on one line", '[{ "id": "main" }]'],
  ["after log lines", `12:42:15 [plugins] x\n[agents/auth-profiles] read credentials\n${pretty}`],
  ["before log lines", `${pretty}\n[lcm] Ignoring sessions\n[state/db] migration pending {a}\n`],
  ["after many log lines", `${"[plugins] loaded\n[1/2] step\n".repeat(50)}${pretty}`],
  ["between log lines", `{ not json }\n[plugins] a\n${pretty}\n[plugins] b]\n`],
])("the document %s", (_, output) => {
  expect(jsonInOutput(output).next().value).toEqual([{ id: "main" }]);
});

test("there is none in a text without one, in little time for much of it", () => {
  expect([...jsonInOutput("hello")]).toEqual([]);
  expect([...jsonInOutput("[[x]\n{}}\n]\n".repeat(100_000))]).toEqual([]);
});
