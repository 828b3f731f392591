/** What is printed from now on, on standard output and standard error. `jest.restoreAllMocks` ends it. */
export interface Printed {
  out: string;
  err: string;
}

export function capturePrinted(): Printed {
  const printed = { out: "", err: "" };
  for (const [stream, to] of [
    [process.stdout, "out"],
    [process.stderr, "err"],
  ] as const)
    jest.spyOn(stream, "write").mockImplementation((text) => {
      printed[to] += String(text);
      return true;
    });
  return printed;
}
