import { Command } from "commander";
import { register } from "../../lib/cli/commands/host-invite";

/** The addresses that `--address` gives. */
function parsed(...texts: string[]): unknown {
  const parent = new Command();
  register(parent);
  const option = parent.commands[0]?.options.find(({ long }) => long === "--address");
  return texts.reduce<unknown>((before, text) => option?.parseArg?.(text, before), undefined);
}

test("a host is bound to an address in the form that Vault keeps: it could not log in by another one", () => {
  expect(parsed("10.0.0.7/32", "FD00:0:0::7/128")).toEqual(["10.0.0.7/32", "fd00::7/128"]);
  expect(parsed("::ffff:10.0.0.7/128", "::ffff:10.1.0.0/112")).toEqual(["10.0.0.7/32", "10.1.0.0/16"]);
  for (const text of ["10.0.0.7", "0.0.0.0/0", "10.0.0.0/33", "::ffff:0:0/96", "::ffff:10.0.0.7/64", "x/8"])
    expect(() => parsed(text)).toThrow("the length of its network");
});
