import { readOrEmpty } from "../files/files";

/** The memory that is available for a build, in MiB: the free memory of the machine, or less if a control group limits it. */
export function availableMegabytes(): number {
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(readOrEmpty("/proc/meminfo"))?.[1];
  const machine = available ? Number(available) / 1024 : 0;
  const limit = Number.parseInt(readOrEmpty("/sys/fs/cgroup/memory.max"), 10);
  const used = Number.parseInt(readOrEmpty("/sys/fs/cgroup/memory.current"), 10);
  return Number.isNaN(limit) || Number.isNaN(used) ? machine : Math.min(machine, (limit - used) / 2 ** 20);
}
