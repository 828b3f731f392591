import type { RenderOptions } from "./text";

/** The width of the terminal for people's text, and whether it shows colours. */
export function terminal(): RenderOptions {
  return { colour: obeysControls() && !process.env.NO_COLOR, width: process.stderr.columns || 80 };
}

/** Whether standard error is a terminal that obeys control sequences: a dumb one, such as a shell in an editor, prints them. */
export function obeysControls(): boolean {
  return process.stderr.isTTY === true && process.env.TERM !== "dumb";
}
