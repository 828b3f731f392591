/** What is timed of each way to set the host up, in this order. */
export const steps = ["first deploy", "nothing to do", "drift", "synth"] as const;
export type Step = (typeof steps)[number];

/** One way to set the host up. */
export interface Way {
  /** What the table calls it. */
  readonly name: string;
  /** Before each first deploy, and not timed. */
  readonly prepare?: () => Promise<void>;
  /** Those that it knows. */
  readonly steps: Readonly<Partial<Record<Step, () => Promise<void>>>>;
  /** Takes away what it deployed; what it runs with stays. */
  readonly reset: () => Promise<void>;
}

export const timedName = (way: Pick<Way, "name">, step: Step) => `${way.name}: ${step}`;
