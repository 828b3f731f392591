import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { accountOf } from "../../lib/core/system/os-user";
import {
  environmentOf,
  gatewayProcesses,
  runsGateway,
  userOfContainer,
} from "../../lib/host/gateway-processes";
import { testAsRoot } from "../support/skip";

test("the user of a container is that of its first process, by the kernel", () => {
  expect(userOfContainer(process.pid)).toEqual({ uid: process.geteuid?.(), gid: process.getegid?.() });
  // No process has a pid above the kernel's limit.
  expect(userOfContainer(2 ** 30)).toBeUndefined();
});

test("a container's user is an account by its numbers, though the host has no such user", () => {
  expect(accountOf("54321:54322")).toEqual({ name: "uid 54321", uid: 54321, gid: 54322, home: "/" });
});

testAsRoot(
  "a gateway among the processes of a container is found, and not in one that shares the host's",
  async () => {
    const script = 'process.title = "openclaw-gateway"; console.log("up"); process.stdin.resume()';
    const namespace = ["--pid", "--fork", "--kill-child"];
    const child = spawn("unshare", [...namespace, process.execPath, "-e", script]);
    try {
      await new Promise((resolve) => child.stdout.once("data", resolve));
      const [first] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ");
      expect(runsGateway(Number(first))).toBe(true);
      expect(runsGateway(process.pid)).toBe(false);
    } finally {
      child.kill("SIGKILL");
    }
  },
);

testAsRoot(
  "a process of another user with a command line of a gigabyte is not read into the memory",
  async () => {
    const script = readFileSync(join(__dirname, "../attacks/support/endless-process.py"));
    const child = spawn("python3", ["-c", script.toString()], { uid: 65534, gid: 65534 });
    try {
      const done = await new Promise((resolve) => child.stdout.once("data", resolve));
      expect(String(done).trim()).toBe("0");
      const before = process.resourceUsage().maxRSS;
      expect(gatewayProcesses().filter(({ pid }) => pid === child.pid)).toEqual([]);
      expect(environmentOf(child.pid ?? 0)).toEqual({});
      // In kilobytes.
      expect(process.resourceUsage().maxRSS - before).toBeLessThan(200_000);
    } finally {
      child.kill("SIGKILL");
    }
  },
);

testAsRoot("of a user who starts any number of them, sixteen count", async () => {
  const script =
    "for n in $(seq 20); do (exec -a openclaw-gateway sleep 60) & done; sleep 0.5; echo up; wait";
  const child = spawn("bash", ["-c", script], { uid: 65534, gid: 65534, detached: true });
  try {
    await new Promise((resolve) => child.stdout.once("data", resolve));
    expect(gatewayProcesses().filter(({ uid }) => uid === 65534)).toHaveLength(16);
  } finally {
    process.kill(-(child.pid ?? 0), "SIGKILL");
  }
});
