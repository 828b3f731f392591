import { EngineError } from "../../lib/docker/engine-api";

// The first two as an engine 20.10 was seen to say it, those from the addresses on as people reported them.
test.each<[string, string, RegExp]>([
  [
    "a network after the firewall was reloaded",
    "Failed to Setup IP tables: Unable to enable SKIP DNAT rule:  (iptables failed: iptables --wait -t nat -I DOCKER -i br-90a8c00b2400 -j RETURN: iptables: No chain/target/match by that name.\n (exit status 1))",
    /reloaded the host's firewall.*systemctl restart docker/,
  ],
  [
    "a published port after it",
    "driver failed programming external connectivity on endpoint vault (18a21ca):  (iptables failed: iptables --wait -t nat -A DOCKER -p tcp -d 127.0.0.1 --dport 8200 -j DNAT: iptables: No chain/target/match by that name.\n (exit status 1))",
    /systemctl restart docker/,
  ],
  [
    "the same by nftables",
    "iptables v1.8.10 (nf_tables): Chain 'DOCKER-ISOLATION-STAGE-2' does not exist",
    /systemctl restart docker/,
  ],
  ["a full disk", "write /data/overlay2/x: no space left on device", /disk is full.*docker system df/],
  ...[
    "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
    "all predefined address pools have been fully subnetted",
    'failed to parse pool request for address space "LocalDefault" pool "" subpool "": could not find an available predefined network',
  ].map((words): [string, string, RegExp] => [
    "a network without addresses",
    words,
    /docker network ls.*VPN.*default-address-pools.*restart docker$/m,
  ]),
  [
    "an interface after an update of the kernel",
    "failed to create endpoint vault on network bridge: failed to add the host (veth745d0c4) <=> sandbox (veth1b2fffb) pair interfaces: operation not supported.",
    /reboot this host/,
  ],
  [
    "a container without AppArmor's program",
    'AppArmor enabled on system but the docker-default profile could not be loaded: running `apparmor_parser apparmor_parser --version` failed with output: \nerror: exec: "apparmor_parser": executable file not found in $PATH',
    /apt-get install apparmor$/m,
  ],
  ...[
    "OCI runtime create failed: runc create failed: unable to start container process: error during container init: open sysctl net.ipv4.ip_unprivileged_port_start file: reopen fd 8: permission denied: unknown",
    'apparmor_parser: Unable to replace "docker-default". Permission denied; attempted to load a profile while confined?',
  ].map((words): [string, string, RegExp] => ["a container in a container", words, /LXC.*virtual machine/]),
  ["anything else", "plugin not found", /journalctl -u docker/],
])("the engine's refusal of %s is reported with what ends it", (_, words, fix) => {
  expect(new EngineError(500, words).fix).toMatch(fix);
});
