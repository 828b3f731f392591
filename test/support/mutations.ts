import { isFull } from "../e2e/support/full";

/** How many mutations are tried. */
export const rounds = isFull ? 2000 : 200;
/** The longest that one of them may take, in milliseconds. */
export const patience = 5000;

/** The same numbers at each run. */
export function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
