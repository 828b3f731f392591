import { isIPv4, isIPv6 } from "node:net";
import { Argument, InvalidArgumentError } from "commander";
import { wrongUsage } from "../../core/errors";
import { canonicalNetwork } from "../../core/network/canonical-network";
import { describeDuration, minuteOf } from "../../core/time";
import { hostName } from "../../model/hosts";
import { defineCommand } from "../define-command";
import { type AdminTokenOptions, adminTokenFrom, adminTokenOptions } from "../input/admin-token";
import { limitOption, readHostKey } from "../input/host-key-input";
import { keyOptions, refuseSharedStdin } from "../input/key-input";
import { sharesOptions } from "../input/shares-input";
import {
  collect,
  durationOption,
  instanceOptions,
  option,
  optionGroup,
  type ParsedBy,
} from "../options/options";
import { print, say } from "../output";
import { describeCleanups } from "../pending-cleanups";

const inviteOptions = optionGroup(
  durationOption("--ttl <duration>", "how long the invitation can be used", 900),
  option("--address <cidr>", "let Vault take the host from this address only; can be repeated", {
    parse: (value: string, before: readonly string[] | undefined) => collect(parseCidr(value), before),
  }),
  option("--any-address", "let Vault take the host from any address"),
  option("--again", "a new credential for a host that was invited before: its present one ends"),
);

/** What the commands on one host have in common. */
export const onOneHost = {
  arguments: [new Argument("<name>", "the host's name: a to z, 0 to 9 and -").argParser(parseName)],
  needs: "engine",
  uses: ["network"],
  reads: ["OPENROUTER_MANAGEMENT_KEY"],
  servesSandbox: true,
} as const;

/** `host invite`: lets another OpenClaw host use this instance's Vault. */
export const register = defineCommand({
  name: "invite",
  summary: "let another OpenClaw host use this Vault, with a key of its own; prints an invitation",
  ...onOneHost,
  options: [limitOption, inviteOptions, keyOptions, instanceOptions, sharesOptions, adminTokenOptions],
  help: `With OPENROUTER_MANAGEMENT_KEY the host's key is made, with a limit; else give
one by --key-file, --key-stdin or at the prompt. The invitation is a secret
until the host has used it.`,
  check: ({ options }) => {
    refuseSharedStdin(options);
    requireAddress(options);
  },
  input: ({ deployment, options }) =>
    readHostKey(deployment, options, options.again ? undefined : "The OpenRouter key of this host alone"),
  run: async ({ context, options, command, input }) => {
    const { inviteHost } = await import("../../operations/hosts/invite");
    const name = command.processedArgs[0] as string;
    const { invitation, host, pendingCleanups } = await inviteHost(context, {
      ...input,
      name,
      ttl: options.ttl,
      addresses: options.address ?? [],
      again: options.again === true,
      graceSeconds: 86_400,
      askAdminToken: adminTokenFrom(options as AdminTokenOptions),
    });
    for (const line of describeCleanups(pendingCleanups)) say(line);
    say(`On the host ${name}, as the user who runs OpenClaw, the command \`host join\` asks for
this invitation, until ${minuteOf(host.ends ?? "")}. Whoever has it before the host does can
join in its place: send it by a way that only ${name} reads.`);
    // The invitation is the result, so it is the only text on standard output.
    if (!options.json) print(invitation);
    const { accessor: _, earlierKeys: __, key, ...shown } = host;
    return { json: { invitation, host: { ...shown, label: key?.label }, pendingCleanups } };
  },
});

function requireAddress({ address, anyAddress, ttl }: ParsedBy<typeof inviteOptions>): void {
  if (ttl < 60 || ttl > 86_400)
    throw wrongUsage({
      problem: "An invitation lasts for a minute to a day.",
      got: `--ttl ${describeDuration(ttl)}`,
      expected: "1m to 1d",
    });
  if ((address === undefined) === (anyAddress === true)) return;
  throw wrongUsage({
    problem:
      "Name the addresses from which Vault takes the host: a stolen credential is then of no use elsewhere.",
    got: address ? "--address and --any-address" : "neither --address nor --any-address",
    expected: "one of them",
    fix: "Add --address 10.0.0.7/32, as Vault sees the host, or --any-address.",
  });
}

function parseName(text: string): string {
  const parsed = hostName.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError("A host's name has 1 to 40 of the characters a to z, 0 to 9 and -.");
}

function parseCidr(text: string): string {
  const network = /\/\d{1,3}$/.test(text) ? canonicalNetwork(text) : "";
  const [address = "", bits = ""] = network.split("/");
  // IPv4 addresses as ones of IPv6, and others beside them: Vault makes something else of such a network.
  const isMixed = /^::ffff:.*\./.test(address);
  const most = isIPv4(address) ? 32 : isIPv6(address) && !isMixed ? 128 : 0;
  if (Number(bits) > 0 && Number(bits) <= most) return network;
  throw new InvalidArgumentError("Give an address with the length of its network, such as 10.0.0.7/32.");
}
