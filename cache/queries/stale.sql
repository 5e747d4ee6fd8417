-- What is stale: past its time, the stalest first, and the last error of
-- refreshing it.
SELECT url, kind, state, -ttl_s AS stale_for_s, last_error
FROM entries
WHERE state NOT IN ('fresh', 'purged')
ORDER BY ttl_s;
