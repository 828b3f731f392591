import { sudoCaller } from "../../../lib/core/system/sudo";
import { describeAsRoot } from "../../support/skip";

describeAsRoot("who called sudo", () => {
  test.each<[string, NodeJS.ProcessEnv, string | undefined]>([
    ["a user", { SUDO_USER: "alice", SUDO_UID: "1000" }, "alice"],
    ["nobody", {}, undefined],
    ["root", { SUDO_USER: "root", SUDO_UID: "0" }, undefined],
    ["root under another name", { SUDO_USER: "toor", SUDO_UID: "0" }, undefined],
  ])("%s", (_, env, caller) => {
    expect(sudoCaller(env)).toBe(caller);
  });
});
