CREATE TABLE guestbook_entry (
  entry_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;

CREATE TABLE guestbook_visitor (
  name TEXT PRIMARY KEY,
  visits INTEGER NOT NULL
) STRICT;
