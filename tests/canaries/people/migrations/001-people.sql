CREATE TABLE people_person (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL CHECK (email = trim(email))
) STRICT;

CREATE TABLE people_refused (email TEXT NOT NULL) STRICT;

CREATE TRIGGER people_refuse BEFORE INSERT ON people_refused
BEGIN
  SELECT RAISE (ABORT, 'refused: ' || NEW.email);
END;
