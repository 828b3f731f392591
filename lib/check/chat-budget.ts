/** What the chats of one run may cost together: each reserves its most before it is sent. */
export class ChatBudget {
  private reserved = 0;

  /** @param ceiling USD */
  constructor(readonly ceiling: number) {}

  /** Reserves an amount, in USD; false where the ceiling does not leave it. */
  reserve(amount: number): boolean {
    if (this.reserved + amount > this.ceiling) return false;
    this.reserved += amount;
    return true;
  }
}
