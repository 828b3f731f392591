/** The longest time that one delivery takes, in milliseconds. */
export const lastsFor = 15_000;

/** What came of sending a message to a channel. `answer` holds no secret and no foreign text. */
export type Delivery =
  | { readonly result: "delivered" }
  /** To be tried again. */
  | { readonly result: "later"; readonly answer: string; readonly afterSeconds?: number | undefined }
  /** The receiver takes no message until a person corrects it or its login: it is seldom tried, and what waits for it is kept. */
  | { readonly result: "closed"; readonly answer: string }
  /** This message, for good: to try again would give the same. */
  | { readonly result: "refused"; readonly answer: string };
