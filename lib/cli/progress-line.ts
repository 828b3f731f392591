import { plain } from "../core/plain-text";
import { terminal } from "../report/terminal";
import { draw, isTerminal } from "./output";

/** A line that is redrawn on a terminal during a wait; without a terminal it prints nothing. */
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
