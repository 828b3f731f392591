/** One line on a terminal that is written over while something waits; nothing elsewhere. */
export interface ProgressLine {
  readonly show: (text: string) => void;
  readonly clear: () => void;
}

export function progressLine(): ProgressLine {
  const { stderr } = process;
  if (!stderr.isTTY) return { show: () => {}, clear: () => {} };
  const clear = () => stderr.write("\r\x1b[2K");
  return {
    show: (text) => {
      clear();
      stderr.write(`… ${text}`.slice(0, (stderr.columns || 80) - 1));
    },
    clear,
  };
}
