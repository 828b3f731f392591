import { accountOf } from "../../../lib/core/system/os-user";
import { askResolver } from "../../../lib/openclaw/ask-resolver";
import { findInterpreter } from "../../../lib/openclaw/interpreter";

/** Runs a user's programs on this process's terminal, as check and up do. */
async function main(): Promise<void> {
  const { folder, node } = JSON.parse(process.argv[2] ?? "{}");
  console.log(`the terminal is ${process.stdin.isTTY ? "there" : "missing"}`);
  console.log(
    JSON.stringify(await askResolver({ folder, user: "nobody" }, { address: "http://127.0.0.1:1" })),
  );
  console.log(findInterpreter({ account: accountOf("nobody"), declared: node, earlier: undefined }));
}

main().catch((error: Error) => console.log(error.message));
