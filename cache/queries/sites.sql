-- Which site takes how much, and how well it is used.
SELECT site, count(*) AS answers, sum(size) AS bytes, sum(hits) AS hits,
       sum(state = 'fresh') AS fresh, sum(state = 'stale') AS stale
FROM entries
GROUP BY site
ORDER BY bytes DESC;
