-- What failed last, and what was served instead.
SELECT last_at, times, what, url, reason, instead
FROM problems
LIMIT 20;
