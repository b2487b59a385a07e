-- One row per order that has come by. `charging`: the provider is asked, or may have been. `cancelling`: cancelled meanwhile, so what
-- it has taken goes back. `closed`: cancelled before it was to be charged, so it never will be.
CREATE TABLE payments_payment (
  order_id TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('charging', 'cancelling', 'captured', 'declined', 'refund-due', 'refunded', 'closed')),
  charge_id TEXT,
  cents INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
