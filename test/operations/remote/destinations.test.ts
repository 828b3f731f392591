import { UserError } from "../../../lib/core/errors";
import { readDestinations } from "../../../lib/operations/remote/destinations";

const addresses = (text: string) => readDestinations(text, "hosts.txt").map(({ address }) => address);

/** What is said of a list that is refused. */
function refusal(text: string): string {
  try {
    readDestinations(text, "hosts.txt");
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error("it was taken");
}

describe("a list of destinations", () => {
  test("has comments, blank lines, a byte order mark and another system's line ends; each host is asked once", () => {
    const text =
      "\uFEFF# ours\r\nweb1\r\n\r\n  ada@web2   # Ada's\nweb1\nssh://ada@web3:2222\nssh://[fd00::1]:22\nfd00::2\n10.0.0.7";
    expect(addresses(text)).toEqual([
      ...["web1", "ada@web2", "ssh://ada@web3:2222", "ssh://[fd00::1]:22", "fd00::2", "10.0.0.7"],
    ]);
  });

  test.each([
    "-oProxyCommand=touch /tmp/owned",
    "-oProxyCommand=reboot",
    "--",
    "web1 -p 22",
    "ada@-oProxyCommand=x",
    "ssh://-oProxyCommand=x/",
    "web1;reboot",
    "$(reboot)",
    "`reboot`",
    "web1|reboot",
    "web%h",
    "we'b1",
    "web1\u0000",
    "ada @web1",
    "x".repeat(300),
  ])("%j is refused before any host is asked", (line) => {
    expect(refusal(`web0\n${line}\n`)).toMatch(/Line 2 of hosts\.txt is no destination of ssh/);
  });

  test("500 lines are 500 hosts, more than 1000 are refused, and none is no success", () => {
    const lines = (count: number) => Array.from({ length: count }, (_, index) => `web${index}`).join("\n");
    expect(addresses(lines(500))).toHaveLength(500);
    expect(refusal(lines(1001))).toContain("1001 hosts");
    for (const text of ["", "# web1\n\n", "{}"]) expect(refusal(text)).toContain("has no host");
  });

  test("an inventory in INI is told how to be read, and what a line holds is not shown", () => {
    const said = refusal("[web]\nweb1 ansible_password=hunter2");
    expect(said).toContain("ansible-inventory -i FILE --list");
    expect(refusal("web1 ansible_password=hunter2")).not.toContain("hunter2");
  });
});

describe("the output of ansible-inventory --list", () => {
  const inventory = (hostvars: object, groups: object = {}) =>
    JSON.stringify({ _meta: { hostvars }, all: { children: ["ungrouped", "web"] }, ...groups });

  test("each host of every group once, by its own variables", () => {
    const text = inventory(
      {
        web1: { ansible_host: "10.0.0.1", ansible_user: "ada", ansible_port: 2222 },
        web2: { ansible_host: "fd00::2", ansible_port: "22" },
        web4: { ansible_ssh_user: "bob", unrelated: { deep: ["list"] } },
      },
      { web: { hosts: ["web1", "web2", "web3"] }, again: { hosts: ["web3", "web1"] } },
    );
    expect(readDestinations(text, "-")).toEqual([
      { host: "web1", address: "ssh://ada@10.0.0.1:2222" },
      { host: "web2", address: "ssh://[fd00::2]:22" },
      { host: "web3", address: "web3" },
      { host: "web4", address: "bob@web4" },
    ]);
  });

  test("one that ssh cannot reach so is kept, and will be unknown; no value of a variable is shown", () => {
    const secret = "-oProxyCommand=hunter2";
    const text = inventory({
      web1: { ansible_host: secret, ansible_password: "hunter2" },
      web2: { ansible_user: secret },
      web3: { ansible_port: "22 hunter2" },
      web4: { ansible_connection: "local" },
      web5: { ansible_host: { hunter2: true } },
    });
    const found = readDestinations(text, "-");
    expect(found.map(({ problem }) => problem)).toEqual(
      ["ansible_host", "ansible_user", "ansible_port", "ansible_connection", "ansible_host"].map((name) =>
        expect.stringContaining(name),
      ),
    );
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });

  test("an invalid host name is refused", () => {
    const said = refusal(inventory({}, { web: { hosts: ["-oProxyCommand=hunter2 x"] } }));
    expect(said).toContain("a host whose name is none");
    expect(said).not.toContain("hunter2");
  });

  test.each(["{", '{"_meta": {"hostvars": []}}', '{"_meta": 1}'])("%s is reported", (text) => {
    expect(refusal(text)).toMatch(/hosts\.txt (begins like JSON|is no inventory)/);
  });
});
