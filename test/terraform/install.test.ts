import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findTerraform, startIn } from "../../lib/terraform/install";
import { failure, scratchFolder, script, write } from "../host/support";

const root = scratchFolder();
let count = 0;

/** A PATH with these programs, each a script that prints its version and counts its calls. */
function pathWith(programs: Record<string, string>, padding = ""): NodeJS.ProcessEnv & { folder: string } {
  const folder = join(root, `path-${++count}`);
  for (const [name, answer] of Object.entries(programs)) {
    script(join(folder, name), `echo x >>${folder}/calls\necho "${answer}"\nexit 0\n${padding}`);
  }
  return { PATH: folder, HOME: root, OPENCLAW_OPENROUTER_CACHE: join(folder, "cache"), folder };
}

const calls = (env: { folder: string }) => readFileSync(join(env.folder, "calls"), "utf8").length / 2;

test("terraform comes before tofu, and tofu where terraform is too old", async () => {
  const both = pathWith({ terraform: "Terraform v1.11.4", tofu: "OpenTofu v1.12.6" });
  expect((await findTerraform(both)).program).toMatchObject({
    kind: "terraform",
    version: "1.11.4",
    origin: "path",
  });
  const old = pathWith({ terraform: "Terraform v1.5.7", tofu: "OpenTofu v1.12.6" });
  const found = await findTerraform(old);
  expect(found.program).toMatchObject({ kind: "tofu", version: "1.12.6", path: join(old.folder, "tofu") });
  expect(found.rejected).toEqual([`${join(old.folder, "terraform")} is 1.5.7`]);
});

test("a program is what it says it is, whatever its name", async () => {
  expect((await findTerraform(pathWith({ terraform: "OpenTofu v1.11.0" }))).program?.kind).toBe("tofu");
});

test("nothing that will do is no error: the bundle has one", async () => {
  expect(await findTerraform(pathWith({}))).toEqual({ rejected: [] });
  expect((await findTerraform(pathWith({ tofu: "OpenTofu v1.11.0-rc1" }))).program).toBeUndefined();
  const broken = await findTerraform(pathWith({ terraform: "cannot execute" }));
  expect(broken.rejected[0]).toContain("does not run");
});

test("TERRAFORM_BINARY_NAME is heeded, and not silently passed over", async () => {
  const env = pathWith({ terraform: "Terraform v1.11.4", tofu: "OpenTofu v1.12.6" });
  expect((await findTerraform({ ...env, TERRAFORM_BINARY_NAME: "tofu" })).program?.kind).toBe("tofu");
  const byPath = { ...env, TERRAFORM_BINARY_NAME: join(env.folder, "tofu") };
  expect((await findTerraform(byPath)).program?.kind).toBe("tofu");
  expect(await failure(() => findTerraform({ ...env, TERRAFORM_BINARY_NAME: "terragrunt" }))).toContain(
    "terragrunt is not on PATH",
  );
});

/** As asdf's and tfenv's do: the version stands in a file of the folder, or of one above it. */
function shim(folder: string): string {
  const path = join(folder, "bin/terraform");
  script(
    path,
    'd=$PWD; while [ "$d" != / ] && [ ! -e "$d/.tool-versions" ]; do d=$(dirname "$d"); done\n' +
      '[ -e "$d/.tool-versions" ] || { echo "No version is set for command terraform" >&2; exit 126; }\n' +
      'echo "Terraform v1.13.0"; echo "$@"',
  );
  return path;
}

describe("a version manager's script", () => {
  const folder = join(root, "managed");
  const before = process.cwd();
  beforeAll(() => {
    shim(folder);
    write(join(folder, "project/.tool-versions"), "terraform 1.13.0\n");
  });
  afterEach(() => process.chdir(before));
  const env = { PATH: join(folder, "bin"), HOME: root, OPENCLAW_OPENROUTER_CACHE: join(folder, "cache") };

  test("is started where it knows the version, and Terraform changes the folder", async () => {
    process.chdir(join(folder, "project"));
    const { program } = await findTerraform(env);
    expect(program).toMatchObject({ version: "1.13.0", dependsOnFolder: true });
    expect(startIn(program!, "/stack")).toEqual({
      cwd: join(folder, "project"),
      first: ["-chdir=/stack"],
      chosen: { TFENV_TERRAFORM_VERSION: "1.13.0" },
    });
  });

  test("is told the version of OpenTofu by its own variable", () => {
    const { chosen } = startIn({ kind: "tofu", version: "1.12.6", dependsOnFolder: true }, "/stack");
    expect(chosen).toEqual({ TOFUENV_TOFU_VERSION: "1.12.6" });
  });

  test("where it knows none, what it says is reported", async () => {
    process.chdir(folder);
    expect(await findTerraform(env)).toEqual({
      rejected: [
        `${join(folder, "bin/terraform")} does not run here (No version is set for command terraform)`,
      ],
    });
  });

  test("one that chooses the same version everywhere is started in the stack's folder", async () => {
    const { program } = await findTerraform(pathWith({ terraform: "Terraform v1.11.4" }));
    expect(startIn(program!, "/stack")).toEqual({ cwd: "/stack", first: [], chosen: {} });
  });
});

describe("a version once learnt", () => {
  const binary = `# ${"x".repeat(2 ** 20)}`;

  test("is not asked again until the program changes", async () => {
    const env = pathWith({ terraform: "Terraform v1.11.4" }, binary);
    await findTerraform(env);
    await findTerraform(env);
    expect(calls(env)).toBe(1);
    const path = join(env.folder, "terraform");
    writeFileSync(path, readFileSync(path, "utf8").replace("1.11.4", "1.13.10"));
    expect((await findTerraform(env)).program?.version).toBe("1.13.10");
  });

  test("is asked each time of whoever wants no shortcut", async () => {
    const env = { ...pathWith({ terraform: "Terraform v1.11.4" }, binary), OPENCLAW_OPENROUTER_PLAIN: "1" };
    await findTerraform(env);
    await findTerraform(env);
    expect(calls(env)).toBe(2);
    expect(existsSync(join(env.folder, "cache"))).toBe(false);
  });

  test("is asked each time of a version manager's script", async () => {
    const env = pathWith({ terraform: "Terraform v1.11.4" });
    await findTerraform(env);
    await findTerraform(env);
    expect(calls(env)).toBe(4);
  });

  test.each([
    ["beside it", ""],
    ["beside the target of its link", "cellar"],
  ])("is asked each time of a binary with tenv %s", async (_, linked) => {
    const env = pathWith({ terraform: "Terraform v1.11.4", tenv: "" }, binary);
    const links = join(env.folder, linked);
    if (linked) {
      mkdirSync(links);
      symlinkSync(join(env.folder, "terraform"), join(links, "terraform"));
    }
    for (let run = 0; run < 2; run++) await findTerraform({ ...env, PATH: links });
    // Each time in the caller's folder, and in another one.
    expect(calls(env)).toBe(4);
  });

  test("is not kept where nothing may be changed", async () => {
    const env = pathWith({ terraform: "Terraform v1.11.4" }, binary);
    await findTerraform(env, false);
    expect(existsSync(join(env.folder, "cache"))).toBe(false);
  });
});
