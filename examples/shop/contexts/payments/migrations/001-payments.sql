-- One row per order that has come by. `closed`: cancelled before it was charged, so it never will be.
CREATE TABLE payments_payment (
  order_id TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('captured', 'declined', 'refund-due', 'refunded', 'closed')),
  charge_id TEXT,
  cents INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
