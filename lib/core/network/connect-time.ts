import { getDefaultAutoSelectFamilyAttemptTimeout, setDefaultAutoSelectFamilyAttemptTimeout } from "node:net";

/** In milliseconds: a packet that is lost is sent again after one second. */
const longEnough = 1500;

/**
 * Gives each address of a name time to connect, in all of this process. Node tries the addresses of a name that has IPv4 and IPv6
 * ones in turn, each for 250 ms and never again: on a host without IPv6, one lost packet or a server far away would be "timed out".
 */
export function waitForEachAddress(): void {
  setDefaultAutoSelectFamilyAttemptTimeout(Math.max(longEnough, getDefaultAutoSelectFamilyAttemptTimeout()));
}
