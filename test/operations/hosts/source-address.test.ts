import { networkInterfaces } from "node:os";
import { addressesBeside } from "../../../lib/operations/hosts/source-address";

jest.mock("node:os", () => ({ ...jest.requireActual("node:os"), networkInterfaces: jest.fn() }));

beforeEach(() => {
  const present = {
    lo: ["127.0.0.1", "10.9.9.9", "::1"],
    eth0: ["10.0.0.4", "10.0.0.5", "fd00::4", "fd00::5"],
    docker0: ["172.17.0.1"],
  };
  const interfaces = Object.entries(present).map(([name, all]) => [
    name,
    all.map((address) => ({ address })),
  ]);
  jest.mocked(networkInterfaces).mockReturnValue(Object.fromEntries(interfaces));
});

// The kernel calls a second address from the first one of its interface.
test.each([
  ["10.0.0.5", ["10.0.0.4", "10.0.0.5"]],
  ["fd00::5", ["fd00::4", "fd00::5"]],
  ["10.9.9.9", ["10.9.9.9"]],
  ["10.0.0.6", ["10.0.0.6"]],
])("a call to %s can come from %j, and never from the engine's gateway", (own, from) => {
  expect(addressesBeside(own)).toEqual(from);
});
