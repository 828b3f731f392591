import { accountOf } from "../../../lib/core/system/os-user";
import { accountInItsHome } from "../../../lib/openclaw/gateway/instances";

describe("the user who runs OpenClaw, and where their files are", () => {
  const { HOME } = process.env;
  const set = (home: string | undefined) => {
    if (home === undefined) delete process.env.HOME;
    else process.env.HOME = home;
  };
  afterEach(() => set(HOME));

  test("this user's are where the environment says", () => {
    set("/srv/elsewhere");
    expect(accountInItsHome()).toEqual({ ...accountOf(), home: "/srv/elsewhere" });
    expect(accountInItsHome(accountOf().name)).toMatchObject({ home: "/srv/elsewhere" });
  });

  test.each(["relative/home", "", undefined])("HOME=%j is no folder: the account's own counts", (home) => {
    set(home);
    expect(accountInItsHome()).toEqual(accountOf());
  });

  test("another user's are not, whatever this user's environment says", () => {
    set("/srv/elsewhere");
    const other = ["nobody", "root"].find((name) => name !== accountOf().name) ?? "";
    expect(accountInItsHome(other)).toEqual(accountOf(other));
  });
});
