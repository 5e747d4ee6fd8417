-- Where the upstreams were when they last answered.
SELECT host, address, seen_at FROM addresses ORDER BY host, seen_at DESC;
