/** The cost limit for all chats of one run. Each chat reserves its highest possible cost before it is sent. */
export class ChatBudget {
  private reserved = 0;

  /** @param ceiling USD */
  constructor(readonly ceiling: number) {}

  /**
   * Reserves an amount, in USD.
   * @returns false if the amount exceeds what is left
   */
  reserve(amount: number): boolean {
    if (this.reserved + amount > this.ceiling) return false;
    this.reserved += amount;
    return true;
  }
}
