CREATE TABLE signups_signup (
  signup_id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
