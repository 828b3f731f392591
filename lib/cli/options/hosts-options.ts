import { count, durationOption, option, optionGroup, type ParsedBy } from "./options";

const group = "Many hosts:";

/** The options of a read-only command that can run on many hosts. */
export const hostsOptions = optionGroup(
  option(
    "--hosts <file>",
    "run it by ssh on the hosts of a list, and merge the reports: a destination of ssh a line, or the output of ansible-inventory --list (- for standard input)",
    { group },
  ),
  option("--parallel <count>", "with --hosts: how many hosts at once", { parse: count, default: 10, group }),
  durationOption("--host-timeout <duration>", "with --hosts: the timeout of each host", 120).helpGroup(group),
);
export type HostsOptions = ParsedBy<typeof hostsOptions>;
