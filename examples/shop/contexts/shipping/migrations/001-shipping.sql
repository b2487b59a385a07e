CREATE TABLE shipping_shipment (
  order_id TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('prepared', 'dispatched', 'stopped'))
) STRICT, WITHOUT ROWID;
