import { plain } from "../core/plain-text";
import { terminal } from "../report/terminal";
import { draw, isTerminal } from "./output";

/** One line on a terminal that is written over while something waits; nothing elsewhere. */
export interface ProgressLine {
  readonly show: (text: string) => void;
  readonly clear: () => void;
}

export function progressLine(): ProgressLine {
  if (!isTerminal()) return { show: () => {}, clear: () => {} };
  const clear = () => draw("\r\x1b[2K");
  return {
    show: (text) => {
      clear();
      draw(oneLine(`… ${text}`).slice(0, terminal().width - 1));
    },
    clear,
  };
}

function oneLine(text: string): string {
  return plain(text).replaceAll("\n", " ");
}
