import { type AddressInfo, createServer } from "node:net";
import { describeListener } from "../../lib/host/port-owner";

jest.mock("../../lib/core/system/os-user", () => ({
  accountOfUid: (uid: number) => (uid === process.getuid?.() ? { name: "ada.example" } : undefined),
}));

test("a listener's user has the name by which the host knows it, as of a directory service", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const told = describeListener((server.address() as AddressInfo).port);
  await new Promise((resolve) => server.close(resolve));
  expect(told).toMatch(/\(pid \d+\), uid \d+ \(ada\.example\)$/);
});
