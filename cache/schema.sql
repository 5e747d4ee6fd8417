-- The cache file of livery, version 1. Compiled into the program, which runs
-- it on a new file; nobody needs to run it by hand.
--
-- The tables are livery's own and may change with the version. The views at
-- the end are for people and their scripts: they are described in README.md,
-- tested, and keep their columns. Times in tables are milliseconds since 1970.

-- One stored answer of an upstream: everything but its body, so that looking
-- through all of them reads little.
CREATE TABLE entry (
	-- never used twice, so an id that somebody remembers is never another's
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	key TEXT NOT NULL,         -- "K SITE URL", see src/cache/key.h
	variant TEXT NOT NULL,     -- "name: value" of each varying request field
	vary TEXT NOT NULL,        -- their names, sorted
	kind TEXT NOT NULL,        -- page, theme, fragment, asset, range
	lasting INTEGER NOT NULL,  -- 1: theme, asset: thrown out last
	site TEXT NOT NULL,
	url TEXT NOT NULL,
	target TEXT NOT NULL,      -- path and query of url, for purging by path
	status INTEGER NOT NULL,
	head TEXT NOT NULL,        -- "Name: value" lines
	etag TEXT,
	last_modified TEXT,
	tags TEXT NOT NULL,        -- parted by single spaces
	asked_ms INTEGER NOT NULL,
	answered_ms INTEGER NOT NULL,
	cost_ms INTEGER NOT NULL,
	lifetime_ms INTEGER NOT NULL,
	initial_age_ms INTEGER NOT NULL,
	swr_ms INTEGER NOT NULL,
	sie_ms INTEGER NOT NULL,   -- -1: not said
	strict INTEGER NOT NULL,
	no_cache INTEGER NOT NULL,
	size INTEGER NOT NULL,     -- of the body
	body_sum BLOB NOT NULL,    -- XXH3-128 of the body
	sum BLOB NOT NULL,         -- XXH3-128 of all that is served, body_sum too
	hits INTEGER NOT NULL DEFAULT 0,
	last_used_ms INTEGER NOT NULL,
	last_error TEXT,
	-- a soft purge meant it: stale from then on. -1: none did. Not in sum:
	-- whatever a damaged byte makes of it is stale
	expired_ms INTEGER NOT NULL DEFAULT -1
) STRICT;

CREATE UNIQUE INDEX entry_by_key ON entry (key, variant);
CREATE INDEX entry_by_target ON entry (target);
-- eviction takes from the front of this one
CREATE INDEX entry_by_use ON entry (lasting, last_used_ms);

CREATE TABLE body (
	id INTEGER PRIMARY KEY,    -- the entry's
	bytes BLOB NOT NULL
) STRICT;

-- A page after dressing. It counts only while source_sum is its entry's sum,
-- so that a replaced page never appears in its old dress.
CREATE TABLE dress (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	entry_id INTEGER NOT NULL,
	source_sum BLOB NOT NULL,
	theme TEXT NOT NULL,
	theme_version TEXT NOT NULL,
	rules_version TEXT NOT NULL,
	status INTEGER NOT NULL,
	head TEXT NOT NULL,
	etag TEXT,
	last_modified TEXT,
	made_ms INTEGER NOT NULL,
	cost_ms INTEGER NOT NULL,
	size INTEGER NOT NULL,
	body_sum BLOB NOT NULL,
	sum BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX dress_by_entry ON dress (entry_id, theme);
CREATE INDEX dress_by_theme ON dress (theme, theme_version);

CREATE TABLE dress_body (
	id INTEGER PRIMARY KEY,    -- the dress's
	bytes BLOB NOT NULL
) STRICT;

CREATE TABLE tag (
	tag TEXT NOT NULL,
	entry_id INTEGER NOT NULL,
	PRIMARY KEY (tag, entry_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX tag_by_entry ON tag (entry_id);

-- Whoever deletes an entry, by hand too, deletes what hangs on it.
CREATE TRIGGER entry_goes AFTER DELETE ON entry BEGIN
	DELETE FROM body WHERE id = old.id;
	DELETE FROM dress WHERE entry_id = old.id;
	DELETE FROM tag WHERE entry_id = old.id;
END;

CREATE TRIGGER dress_goes AFTER DELETE ON dress BEGIN
	DELETE FROM dress_body WHERE id = old.id;
END;

CREATE TABLE problem (
	id INTEGER PRIMARY KEY,
	what TEXT NOT NULL,
	url TEXT NOT NULL,         -- '' when it concerns no address
	reason TEXT NOT NULL,
	instead TEXT NOT NULL,
	first_ms INTEGER NOT NULL,
	last_ms INTEGER NOT NULL,
	times INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX problem_by_text ON problem (what, url, reason);
CREATE INDEX problem_by_time ON problem (last_ms);

CREATE TABLE theme (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	url TEXT NOT NULL,
	version TEXT NOT NULL,
	live INTEGER NOT NULL,
	fetched_ms INTEGER NOT NULL,
	size INTEGER NOT NULL,
	UNIQUE (name, version)
) STRICT;

CREATE TABLE address (
	host TEXT NOT NULL,
	address TEXT NOT NULL,
	seen_ms INTEGER NOT NULL,
	sum BLOB NOT NULL,         -- XXH3-128 of host and address
	PRIMARY KEY (host, address)
) STRICT, WITHOUT ROWID;

-- What a site says about staleness; the view `entries` and `livery cache why`
-- read it.
CREATE TABLE site (
	name TEXT PRIMARY KEY,
	stale_override INTEGER NOT NULL,
	stale_max_ms INTEGER NOT NULL,
	sort_query INTEGER NOT NULL DEFAULT 0,
	ignore_params TEXT NOT NULL DEFAULT '' -- parted by spaces
) STRICT, WITHOUT ROWID;

-- What was asked for and not kept, and why: `livery cache why` reads it.
CREATE TABLE unstored (
	url TEXT PRIMARY KEY,
	why TEXT NOT NULL,         -- "set-cookie", "cookie NAME", ...
	at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX unstored_by_time ON unstored (at_ms);

-- Purges. The other processes that use this file look here a few times a second
-- and drop from their memory what they find. One that is open is in force
-- while rows that it means still stand in the file: those with an id up to
-- max_id are dead, or (soft) stale. They go a few at a time.
CREATE TABLE changes (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL,        -- see src/cache/meaning.h
	key TEXT NOT NULL,
	at_ms INTEGER NOT NULL,
	soft INTEGER NOT NULL,     -- 1: not removed, stale from at_ms on
	max_id INTEGER NOT NULL,
	open INTEGER NOT NULL
) STRICT;

CREATE INDEX changes_open ON changes (seq) WHERE open;

-- The processes that use this file now, and those that were killed since the
-- last one began. Who lives has a lock on that byte of FILE.lease.
CREATE TABLE process (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	pid INTEGER NOT NULL,
	begun_ms INTEGER NOT NULL
) STRICT;

-- What was stored while there were several: each drops from its memory what
-- another has put here in its place. The last few thousand.
CREATE TABLE news (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	process INTEGER NOT NULL,  -- who stored it
	key TEXT NOT NULL,
	answered_ms INTEGER NOT NULL
) STRICT;

-- Who asks for a theme; the others wait for what comes of it.
CREATE TABLE charge (
	name TEXT PRIMARY KEY,
	process INTEGER NOT NULL,
	asked_ms INTEGER NOT NULL, -- when it last began to
	busy INTEGER NOT NULL,     -- 1: and is at it
	until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- ---- views -------------------------------------------------------------

CREATE VIEW entries AS
WITH now AS (
	SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS ms
), judged AS (
	-- What open purges of a tag, and of everything, mean: 0 is purged, else
	-- soft since then. Patterns cannot be matched here, and all others
	-- leave nothing behind. Without an open one this costs nothing.
	SELECT entry.*, iif((SELECT count(*) FROM changes WHERE open) = 0, NULL,
	       (SELECT min(iif(c.soft, c.at_ms, 0)) FROM changes AS c
	        WHERE c.open AND entry.id <= c.max_id AND NOT entry.lasting
	        AND (c.kind = 'all' AND c.key IN ('', entry.site)
	             OR c.kind = 'tag' AND EXISTS (SELECT 1 FROM tag
	                WHERE tag.tag = c.key AND entry_id = entry.id))))
	       AS meant_ms
	FROM entry
), stamped AS (
	SELECT *, CASE
	       WHEN meant_ms > 0 AND expired_ms <> -1
	           THEN min(meant_ms, expired_ms)
	       WHEN meant_ms > 0 THEN meant_ms
	       WHEN expired_ms <> -1 THEN expired_ms
	       END AS soft_ms
	FROM judged
), timed AS (
	SELECT entry.*,
	       now.ms - answered_ms + initial_age_ms AS age_ms,
	       min(lifetime_ms - (now.ms - answered_ms + initial_age_ms),
	           iif(soft_ms IS NULL, lifetime_ms,
	               min(soft_ms - now.ms, 0))) AS ttl_ms,
	       coalesce(site.stale_override, 0) AS stale_override,
	       -- seven days, as src/cache/policy.h has it
	       coalesce(site.stale_max_ms, 604800000) AS stale_max_ms
	FROM now, stamped AS entry LEFT JOIN site ON site.name = entry.site
)
SELECT url, site, kind, status,
       CASE
       WHEN meant_ms = 0 THEN 'purged'
       WHEN ttl_ms > 0 AND NOT no_cache THEN 'fresh'
       WHEN -ttl_ms > stale_max_ms AND NOT lasting THEN 'kept'
       WHEN stale_override OR lasting THEN 'stale'
       WHEN no_cache OR strict THEN 'kept'
       WHEN sie_ms >= 0 AND -ttl_ms > max(sie_ms, swr_ms) THEN 'kept'
       ELSE 'stale'
       END AS state,
       age_ms / 1000 AS age_s,
       ttl_ms / 1000 AS ttl_s,
       size, hits,
       strftime('%Y-%m-%dT%H:%M:%SZ', answered_ms / 1000, 'unixepoch')
           AS fetched_at,
       strftime('%Y-%m-%dT%H:%M:%SZ', last_used_ms / 1000, 'unixepoch')
           AS last_used_at,
       etag, tags, vary, last_error, variant, cost_ms,
       strftime('%Y-%m-%dT%H:%M:%SZ', soft_ms / 1000, 'unixepoch')
           AS soft_purged_at,
       id
FROM timed;

CREATE VIEW dressed AS
SELECT entry.url AS url, theme, theme_version, rules_version,
       dress.size AS size,
       strftime('%Y-%m-%dT%H:%M:%SZ', made_ms / 1000, 'unixepoch') AS made_at
FROM dress JOIN entry ON entry.id = dress.entry_id;

CREATE VIEW problems AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', first_ms / 1000, 'unixepoch')
           AS first_at,
       strftime('%Y-%m-%dT%H:%M:%SZ', last_ms / 1000, 'unixepoch') AS last_at,
       times, what, url, reason, instead
FROM problem ORDER BY last_ms DESC, id DESC;

CREATE VIEW themes AS
SELECT url, version, live,
       strftime('%Y-%m-%dT%H:%M:%SZ', fetched_ms / 1000, 'unixepoch')
           AS fetched_at,
       size,
       (SELECT count(*) FROM dress WHERE dress.theme = theme.name
           AND dress.theme_version = theme.version) AS pages,
       name
FROM theme;

CREATE VIEW addresses AS
SELECT host, address,
       strftime('%Y-%m-%dT%H:%M:%SZ', seen_ms / 1000, 'unixepoch') AS seen_at
FROM address;

CREATE VIEW processes AS
SELECT id, pid,
       strftime('%Y-%m-%dT%H:%M:%SZ', begun_ms / 1000, 'unixepoch')
           AS begun_at,
       (SELECT count(*) FROM charge WHERE charge.process = process.id)
           AS themes
FROM process;
