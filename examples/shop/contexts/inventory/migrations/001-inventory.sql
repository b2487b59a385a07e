-- What can be sold. available + reserved + shipped = the sum of the SKU's adjustments, always.
CREATE TABLE inventory_product (
  sku TEXT PRIMARY KEY,
  available INTEGER NOT NULL CHECK (available >= 0),
  reserved INTEGER NOT NULL CHECK (reserved >= 0),
  shipped INTEGER NOT NULL CHECK (shipped >= 0),
  price_cents INTEGER NOT NULL CHECK (price_cents > 0)
) STRICT, WITHOUT ROWID;

-- Every change of stock that did not come from an order.
CREATE TABLE inventory_adjustment (
  id TEXT PRIMARY KEY,
  sku TEXT NOT NULL REFERENCES inventory_product (sku),
  quantity INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX inventory_adjustment_sku ON inventory_adjustment (sku);

-- What became of each order here. `closed`: cancelled before its stock was looked at.
CREATE TABLE inventory_hold (
  order_id TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('held', 'refused', 'released', 'shipped', 'closed'))
) STRICT, WITHOUT ROWID;

CREATE TABLE inventory_hold_line (
  order_id TEXT NOT NULL REFERENCES inventory_hold (order_id),
  sku TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  PRIMARY KEY (order_id, sku)
) STRICT, WITHOUT ROWID;
