import { withOption } from "../../lib/config/edit";

const set = (text: string, ending: string) =>
  withOption(text, `/s.${ending}`, { group: "openclaw", name: "user", value: "alice" });

describe("an option is added, and all else stays to the byte", () => {
  test.each<[string, string, string, string]>([
    [
      "JSON with comments, without the group",
      "json",
      '// mine\n{\n  "vault": { "port": 8210 } // moved\n  /* end */\n}\n',
      '// mine\n{\n  "openclaw": { "user": "alice" },\n  "vault": { "port": 8210 } // moved\n  /* end */\n}\n',
    ],
    [
      "JSON with the group and a trailing comma",
      "jsonc",
      '{\n\t"openclaw": {\n\t\t"temperature": 0.5, // calm\n\t},\n}\n',
      '{\n\t"openclaw": {\n\t\t"user": "alice",\n\t\t"temperature": 0.5, // calm\n\t},\n}\n',
    ],
    [
      "JSON in one line",
      "json",
      '{ "openclaw": { "temperature": 0.5 } }',
      '{ "openclaw": { "user": "alice", "temperature": 0.5 } }',
    ],
    ["JSON with an empty group", "json", '{ "openclaw": {} }\n', '{ "openclaw": { "user": "alice" } }\n'],
    ["JSON with CRLF", "json", "{\r\n}\r\n", '{\r\n  "openclaw": { "user": "alice" }\r\n}\r\n'],
    [
      "JSON of a comment",
      "json",
      "{\n  // nothing yet\n}\n",
      '{\n  "openclaw": { "user": "alice" }\n  // nothing yet\n}\n',
    ],
    ["an empty YAML group", "yaml", "openclaw: {}\n", "openclaw: { user: alice }\n"],
    ["an empty JSON", "json", "", '{ "openclaw": { "user": "alice" } }\n'],
    ["a byte order mark", "json", "\uFEFF{}", '\uFEFF{ "openclaw": { "user": "alice" } }'],
    [
      "YAML without the group",
      "yaml",
      "# mine\nvault:\n    port: 8210   # moved",
      "# mine\nvault:\n    port: 8210   # moved\nopenclaw:\n  user: alice\n",
    ],
    [
      "YAML with the group",
      "yml",
      "openclaw:   # who\n    # how\n    temperature: 0.5\nvault: { port: 8210 }\n",
      "openclaw:   # who\n    # how\n    user: alice\n    temperature: 0.5\nvault: { port: 8210 }\n",
    ],
    [
      "YAML with the group in one line",
      "yaml",
      "openclaw: { temperature: 0.5 } # calm\n",
      "openclaw: { user: alice, temperature: 0.5 } # calm\n",
    ],
    [
      "YAML with CRLF",
      "yaml",
      "vault:\r\n  port: 8210\r\n",
      "vault:\r\n  port: 8210\r\nopenclaw:\r\n  user: alice\r\n",
    ],
    ["an empty YAML", "yaml", "", "openclaw:\n  user: alice\n"],
    ["a YAML of comments", "yaml", "# nothing yet\n", "# nothing yet\nopenclaw:\n  user: alice\n"],
  ])("%s", (_, ending, before, after) => {
    expect(set(before, ending)).toBe(after);
  });
});

test.each<[string, string, string]>([
  ["JSON that does not parse", "json", '{ "vault": '],
  ["JSON that is no group", "json", "[]"],
  ["YAML all in one line", "yaml", "{ vault: { port: 8210 } }\n"],
  ["YAML with an end of its document", "yaml", "vault:\n  port: 8210\n...\n"],
  ["a group that is nothing", "yaml", "openclaw:\nvault:\n  port: 8210\n"],
  ["a group that is text", "json", '{ "openclaw": "x" }'],
])("%s is left to a person", (_, ending, text) => {
  expect(set(text, ending)).toBeUndefined();
});

describe("items are put first into a list", () => {
  const reason = 'mine: "really" # {1}';
  const item = `{ "id": "openclaw.user", "reason": ${JSON.stringify(reason)} }`;
  test.each<[string, string, string, string]>([
    ["no list", "json", "{}", `{ "check": { "accepted": [${item}] } }`],
    ["no list", "yaml", "vault: { port: 8210 }\n", `vault: { port: 8210 }\ncheck:\n  accepted: [${item}]\n`],
    ["an empty list", "json", '{ "check": { "accepted": [] } }', `{ "check": { "accepted": [ ${item} ] } }`],
    [
      "a list with comments",
      "jsonc",
      '{ "check": {\n  "accepted": [\n    // why\n    { "id": "docker.exec", "reason": "x" },\n  ] } }',
      `{ "check": {\n  "accepted": [\n    ${item},\n    // why\n    { "id": "docker.exec", "reason": "x" },\n  ] } }`,
    ],
    [
      "a YAML list of lines",
      "yaml",
      "check:\n  accepted:\n    - id: docker.exec # why\n      reason: x\n",
      `check:\n  accepted:\n    - ${item}\n    - id: docker.exec # why\n      reason: x\n`,
    ],
  ])("%s, %s", (_, ending, before, after) => {
    const value = [{ id: "openclaw.user", reason }];
    expect(withOption(before, `/s.${ending}`, { group: "check", name: "accepted", value })).toBe(after);
  });

  test("a value that is no list is left to a person", () => {
    const value = [{ id: "openclaw.user", reason }];
    const option = { group: "check", name: "accepted", value };
    expect(withOption('{ "check": { "accepted": 7 } }', "/s.json", option)).toBeUndefined();
  });
});
