CREATE TABLE welcome_letter (
  signup_id TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
