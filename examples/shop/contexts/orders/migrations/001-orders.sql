CREATE TABLE orders_order (
  order_id TEXT PRIMARY KEY,
  -- Who placed it, and the digest of what was asked: the same request again gets the same answer, without expiry.
  principal TEXT NOT NULL,
  digest TEXT NOT NULL,
  command_id TEXT NOT NULL,
  customer_id TEXT,
  email TEXT,
  status TEXT NOT NULL CHECK (status IN ('processing', 'confirmed', 'shipped', 'rejected', 'cancelled')),
  reason TEXT,
  total_cents INTEGER NOT NULL,
  placed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_order_principal ON orders_order (principal, order_id);
CREATE INDEX orders_order_customer ON orders_order (customer_id, order_id) WHERE customer_id IS NOT NULL;
CREATE INDEX orders_order_status ON orders_order (status, order_id);

CREATE TABLE orders_order_line (
  order_id TEXT NOT NULL REFERENCES orders_order (order_id),
  sku TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  price_cents INTEGER NOT NULL,
  PRIMARY KEY (order_id, sku)
) STRICT, WITHOUT ROWID;
