import { Option } from "commander";
import { count, durationOption, type OptionGroup } from "./options";

/** The options of a read-only command that can run on many hosts. */
export interface HostsOptions {
  readonly hosts?: string;
  readonly parallel: number;
  /** Seconds. */
  readonly hostTimeout: number;
}

export const hostsOptions: OptionGroup<HostsOptions> = (command) =>
  command
    .option(
      "--hosts <file>",
      "run it by ssh on the hosts of a list, and merge the reports: a destination of ssh a line, or the output of ansible-inventory --list (- for standard input)",
    )
    .addOption(
      new Option("--parallel <count>", "with --hosts: how many hosts at once").argParser(count).default(10),
    )
    .addOption(durationOption("--host-timeout <duration>", "with --hosts: the timeout of each host", 120));
