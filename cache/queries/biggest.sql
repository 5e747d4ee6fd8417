-- Who is biggest: the twenty largest answers.
SELECT url, kind, size, hits
FROM entries
ORDER BY size DESC
LIMIT 20;
