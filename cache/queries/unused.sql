-- What nobody asks for: never hit since it was stored, largest first.
SELECT url, size, fetched_at
FROM entries
WHERE hits = 0 AND kind = 'page'
ORDER BY size DESC
LIMIT 50;
