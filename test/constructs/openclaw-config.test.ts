import { Lazy, TerraformVariable } from "cdktf";
import { OpenClawConfig, type OpenClawConfigProps } from "../../lib/constructs/openclaw-config";
import { plainStack, synthesize } from "../support/template";

const artifacts = { "config.json": "{}\n", "openrouter.json5": "// ours\n{}\n" };
const props: OpenClawConfigProps = { home: "/homes/default", folder: "/home/ada/.openclaw", artifacts };

function template(changed: Partial<OpenClawConfigProps> = {}) {
  const stack = plainStack();
  new OpenClawConfig(stack, "openclaw", { ...props, ...changed });
  return synthesize(stack);
}

const hashOf = (changed: Partial<OpenClawConfigProps> = {}) =>
  new OpenClawConfig(plainStack(), "openclaw", { ...props, ...changed }).hash;

test("renders into the instance directory, readable by its owner alone", () => {
  const files = Object.values(template().resources("local_file"));
  expect(files.map(({ filename, content }) => [filename, content])).toEqual([
    ["/homes/default/rendered/config.json", "{}\n"],
    ["/homes/default/rendered/openrouter.json5", "// ours\n{}\n"],
  ]);
  for (const file of files)
    expect(file).toMatchObject({ file_permission: "0600", directory_permission: "0700" });
});

test("no path of the user's is a file of Terraform's", () => {
  for (const { filename } of Object.values(template().resources("local_file"))) {
    expect(filename).not.toContain(props.folder);
  }
});

test("the installer runs after both are rendered, and again when one or the folder changes", () => {
  const installer = template().resource("terraform_data");
  expect(installer.depends_on).toEqual([
    expect.stringMatching(/^local_file\./),
    expect.stringMatching(/^local_file\./),
  ]);
  expect(Object.values(installer.triggers_replace)).toEqual([hashOf(), props.folder]);
  expect(hashOf({ artifacts: { ...artifacts, "config.json": "{ }\n" } })).not.toBe(hashOf());
  expect(hashOf({ artifacts: { ...artifacts, "openrouter.json5": "" } })).not.toBe(hashOf());
});

test("the hash tells which artifact a text belongs to", () => {
  expect(hashOf({ artifacts: { "config.json": "ab", "openrouter.json5": "" } })).not.toBe(
    hashOf({ artifacts: { "config.json": "a", "openrouter.json5": "b" } }),
  );
});

test("users' own words are no expressions to Terraform", () => {
  const folder = "/home/ada/${HOME}/%{x}";
  const home = "/homes/${HOME}";
  const all = template({
    home,
    folder,
    artifacts: { ...artifacts, "config.json": '{"instance_name":"${path.root} %{if} $5 100%"}' },
  });
  expect(all.resource("local_file", "config.json").filename).toBe("/homes/$${HOME}/rendered/config.json");
  expect(all.resource("local_file", "config.json").content).toBe(
    '{"instance_name":"$${path.root} %%{if} $5 100%"}',
  );
  const installer = all.resource("terraform_data");
  expect(installer.triggers_replace[1]).toBe("/home/ada/$${HOME}/%%{x}");
  expect(installer.provisioner[0]["local-exec"].environment.OPENCLAW_OPENROUTER_PARAMETERS).toBe(
    '{"home":"/homes/$${HOME}","folder":"/home/ada/$${HOME}/%%{x}"}',
  );
});

test.each([
  [{ folder: "~/.openclaw" }, "theirs/openclaw: option 'folder' is ~/.openclaw; expected an absolute path"],
  [{ home: "homes" }, "theirs/openclaw: option 'home' is homes; expected an absolute path"],
  [
    { gateway: { container: "oc", folder: "/home/node/.openclaw", socketVolume: "s", address: "unix:///v" } },
    "theirs/openclaw: option 'gateway.node' is undefined; expected an absolute path",
  ],
  [{ user: 1000 }, "theirs/openclaw: option 'user' is 1000; expected string"],
])("refuses %j", (changed, message) => {
  expect(() => template(changed as Partial<OpenClawConfigProps>)).toThrow(message);
});

test("paths that Terraform knows later pass", () => {
  const stack = plainStack();
  const variable = (name: string) => new TerraformVariable(stack, name, { type: "string" }).stringValue;
  new OpenClawConfig(stack, "openclaw", { ...props, home: variable("home"), folder: variable("folder") });
  const all = synthesize(stack);
  expect(all.resource("local_file", "config.json").filename).toBe("${var.home}/rendered/config.json");
  const installer = all.resource("terraform_data");
  expect(installer.triggers_replace[1]).toBe("${var.folder}");
  expect(installer.provisioner[0]["local-exec"].environment.OPENCLAW_OPENROUTER_PARAMETERS).toBe(
    '{"home":"${var.home}","folder":"${var.folder}"}',
  );
});

test("a text that is known later triggers by the rendered text, not by its placeholder", () => {
  const stack = plainStack();
  const later = Lazy.stringValue({ produce: () => "{ }" });
  new OpenClawConfig(stack, "openclaw", { ...props, artifacts: { ...artifacts, "config.json": later } });
  const [trigger] = Object.values(synthesize(stack).resource("terraform_data").triggers_replace);
  const digest = String.raw`\$\{local_file\.\w+\.content_sha256\}`;
  expect(trigger).toMatch(new RegExp(`^${digest} ${digest}$`));
});

test("a text that is missing is named", () => {
  const { "config.json": _, ...left } = artifacts;
  expect(() => template({ artifacts: left as typeof artifacts })).toThrow(
    "option 'artifacts.config.json' is undefined; expected its text",
  );
});

test("two in a stack are refused: one would render over the other's files", () => {
  const stack = plainStack();
  new OpenClawConfig(stack, "openclaw", props);
  expect(() => new OpenClawConfig(stack, "second", { ...props, folder: "/home/eve/.openclaw" })).toThrow(
    "theirs/second: the stack has theirs/openclaw already; expected one OpenClawConfig a stack",
  );
});
