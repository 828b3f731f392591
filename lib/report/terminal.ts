import type { RenderOptions } from "./text";

/** The width of the terminal for people's text, and whether it shows colours. */
export function terminal(): RenderOptions {
  const { stderr } = process;
  return { colour: stderr.isTTY === true && !process.env.NO_COLOR, width: stderr.columns || 80 };
}
