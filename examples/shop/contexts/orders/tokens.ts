/** Order tokens: who holds one may see and cancel the order it names. Made from a secret and the order's id, never stored. */
export interface OrderTokens {
  sign(orderId: string): string;
  /** Takes the same time for every token of the same length. */
  matches(orderId: string, token: string): boolean;
}
