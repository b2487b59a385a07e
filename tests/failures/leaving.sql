-- What happened, as CloudEvents.
SELECT id, type, 'tills' AS source, key AS subject, strftime('%FT%TZ', at / 1000, 'unixepoch') AS time, json(body) AS data
FROM banyan_log_tills ORDER BY position;

-- What each subscription had still to do: what follows its place, and what is open before it. It may read only some of these types.
SELECT subscription, type, key, json(body) AS data
FROM banyan_cursor JOIN banyan_log_tills ON position > pos OR position IN (SELECT value FROM json_each(open))
WHERE source = 'tills' ORDER BY subscription, position;

-- What failed or waits behind it, with the errors of every attempt.
SELECT subscription, key, state, entry ->> 'body' AS data, errors FROM banyan_park ORDER BY subscription, position;

-- What was to happen later, and what is known of acts outside.
SELECT context, due, entry ->> 'type' AS type, entry ->> 'body' AS data FROM banyan_schedule ORDER BY due;
SELECT key, name, state, outcome FROM banyan_act ORDER BY subscription, position;

-- The end: the statements that leave nothing but the contexts' own tables.
SELECT 'DROP TABLE ' || name AS statement FROM sqlite_schema WHERE type = 'table' AND name GLOB 'banyan_*';
