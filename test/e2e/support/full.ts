/** Whether whole tables are run (`npm run test:full`), or a sample of each. */
export const isFull = Boolean(process.env.TEST_FULL);

const nothing = () => {};

/** What takes long is defined in a full run only: a skipped test is one whose parts could not be had. */
export const testInFull = isFull ? test : nothing;
export const describeInFull = isFull ? describe : nothing;
