-- Notices ready to be sent; `recipient` is NULL where the customer left no address.
CREATE TABLE notifications_notice (
  id TEXT PRIMARY KEY,
  order_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('shipped', 'rejected', 'cancelled')),
  recipient TEXT,
  text TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX notifications_notice_order ON notifications_notice (order_id, id);
