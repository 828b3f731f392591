import { EngineError } from "../../lib/docker/engine-api";

// The first two as an engine 20.10 was seen to say it.
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
  ["anything else", "plugin not found", /journalctl -u docker/],
])("the engine's refusal of %s is told with what ends it", (_, words, fix) => {
  expect(new EngineError(500, words).fix).toMatch(fix);
});
