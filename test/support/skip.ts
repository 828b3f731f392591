/** Defines tests, or skips them by name with the reason, so that a run counts and names what it left out. */
type Define = (name: string, body: jest.ProvidesCallback, timeout?: number) => void;

const named = (name: string, reason: string) => `${name} [skipped: ${reason}]`;

/** @param reason why they cannot run here; undefined if they can */
export function describeUnless(reason: string | undefined): (name: string, body: () => void) => void {
  return reason === undefined ? describe : (name, body) => describe.skip(named(name, reason), body);
}

/** @param reason why it cannot run here; undefined if it can */
export function testUnless(reason: string | undefined): Define {
  return reason === undefined ? test : (name, body) => test.skip(named(name, reason), body);
}

const withoutRoot = process.getuid?.() === 0 ? undefined : "only root can try what another user owns";

/** What only root can set up, such as another user's files. */
export const testAsRoot = testUnless(withoutRoot);
export const describeAsRoot = describeUnless(withoutRoot);
