/** Randomness, for ids, tokens and jitter. */
export interface Random {
  /** 32 unpredictable bits as an unsigned number (predictable only in the simulation). */
  u32(): number;
}
