import { wrongUsage } from "../core/errors";
import { plain } from "../core/plain-text";
import { confirmLoss, isInteractive } from "./input/prompts";
import { draw } from "./output";

/** A terminal's second screen: its content never reaches the scrollback. */
const secondScreen = { enter: "\u001b[?1049h\u001b[H", leave: "\u001b[?1049l", clear: "\u001b[2J\u001b[H" };

/**
 * Shows one share at a time, until a person confirms that it is written down.
 * @throws UserError without a terminal: a log would keep the shares
 */
export async function showShares(
  shares: readonly string[],
  threshold: number,
  holders: readonly string[],
): Promise<void> {
  if (!isInteractive()) {
    throw wrongUsage({
      problem: "Shares are shown on a terminal only: anywhere else they would stay in a log.",
      expected: "a terminal, or --pgp-key FILE with --out DIR",
    });
  }
  draw(secondScreen.enter);
  try {
    for (const [index, share] of shares.entries()) {
      const whom = holders[index] ? `, for ${plain(holders[index])}` : "";
      let isTaken = false;
      while (!isTaken) {
        draw(`${secondScreen.clear}Share ${index + 1} of ${shares.length}${whom}. Whoever has ${threshold} of them opens this Vault.

  ${share}

Write it down, or put it into its holder's password manager.
`);
        isTaken = await confirmLoss("Taken down?");
      }
    }
  } finally {
    draw(secondScreen.leave);
  }
}
