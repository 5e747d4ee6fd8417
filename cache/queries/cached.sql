-- What is cached: every stored answer, newest first.
SELECT url, kind, state, status, age_s, ttl_s, size, hits
FROM entries
WHERE state <> 'purged'
ORDER BY fetched_at DESC;
