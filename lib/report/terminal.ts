import type { RenderOptions } from "./text";

/** The width of what text for people is written to, and whether it shows colours. */
export function terminal(): RenderOptions {
  const { stderr } = process;
  return { colour: stderr.isTTY === true && !process.env.NO_COLOR, width: stderr.columns || 80 };
}
