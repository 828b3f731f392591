import { TerraformOutput, Testing } from "cdktf";
import { hashOfFile } from "../../lib/constructs/hash-of-file";
import { plainStack } from "../support/template";

test("a file's hash is taken where Terraform runs, and a missing file is named so", () => {
  const stack = plainStack();
  new TerraformOutput(stack, "hash", { value: hashOfFile('/etc/a "quoted" ${name}') });
  const { output } = JSON.parse(Testing.synth(stack));
  expect(output.hash.value).toBe(
    '${fileexists("/etc/a \\"quoted\\" $${name}") ? filesha256("/etc/a \\"quoted\\" $${name}") : "no such file"}',
  );
});
