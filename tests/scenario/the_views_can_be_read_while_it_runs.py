"""entries, dressed, problems, themes, addresses and processes have their columns and say
what is so, and a reader that stays in a transaction disturbs nothing."""
import glob
import os
import sqlite3
from lib import SOURCE, Scenario

COLUMNS = {
    "entries": "url site kind status state age_s ttl_s size hits fetched_at "
               "last_used_at etag tags vary last_error",
    "dressed": "url theme theme_version rules_version size made_at",
    "problems": "first_at last_at times what url reason instead",
    "themes": "url version live fetched_at size pages",
    "addresses": "host address seen_at",
    "processes": "id pid begun_at themes",
}

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme)
    livery.theme_is_live()
    host = "http://www.example.org"
    livery.get("/p?max-age=600&etag=a&header=xkey:%20red&vary=Accept-Language"
               ).must(200, themed=True)
    for _ in range(5):
        livery.get("/p?max-age=600&etag=a&header=xkey:%20red&vary="
                   "Accept-Language").must(200, cache="hit")
    livery.get("/bad/head-cut").must(502)
    livery.stored("/p?max-age=600")
    livery.theme_files_are_there(6)
    livery.problem("/bad/head-cut")
    for view, columns in COLUMNS.items():
        there = {row["name"] for row in livery.rows(
            "SELECT name FROM pragma_table_info(?)", view)}
        s.equal(set(columns.split()) - there, set(), "columns of " + view)
    row = livery.rows("SELECT * FROM entries WHERE kind = 'page'")[0]
    s.check(row["url"].startswith(host + "/p?max-age=600"), row["url"])
    s.equal(row["site"], "main")
    s.equal(row["status"], 200)
    s.equal(row["state"], "fresh")
    s.check(590 <= row["ttl_s"] <= 600, row["ttl_s"])
    s.equal(row["etag"], '"a"')
    s.check("red" in row["tags"], row["tags"])
    s.check("accept-language" in row["vary"].lower(), row["vary"])
    s.until(lambda: livery.value("SELECT hits FROM entries WHERE kind = "
                                 "'page'") >= 5, "the hits", within=7)
    kinds = {row["kind"] for row in livery.rows("SELECT kind FROM entries")}
    s.equal(kinds, {"page", "theme", "asset"})
    s.equal(livery.value("SELECT count(*) FROM themes WHERE live"), 1)
    s.equal(livery.value("SELECT theme FROM dressed"), "look")
    livery.get("/bad/head-cut")
    s.until(lambda: livery.value("SELECT times FROM problems WHERE "
                                 "instr(url, '/bad/head-cut')") >= 2,
            "the problem counted twice")
    # A long read: stores go on, hits come, nothing waits.
    reader = sqlite3.connect("file:%s?mode=ro" % livery.cache, uri=True)
    reader.execute("BEGIN")
    before = reader.execute("SELECT count(*) FROM entries").fetchone()[0]
    figures = s.crowd(livery, "/n%d?max-age=600&size=20000", "-n", 1500,
                      "-c", 20, "-k")
    s.equal(figures["status"], {"200": 1500})
    livery.stored("/n1499?")
    s.equal(reader.execute("SELECT count(*) FROM entries").fetchone()[0],
            before, "the reader's snapshot")
    figures = s.crowd(livery, "/n7?max-age=600&size=20000", "-n", 500, "-c",
                      4, "-k")
    s.equal(figures["status"], {"200": 500})
    s.check(figures["p99_ms"] < 50 * s.within(1), figures)
    reader.close()
    # Every ready-made question runs.
    for path in glob.glob(os.path.join(SOURCE, "cache", "queries", "*.sql")):
        with open(path, encoding="utf-8") as file:
            db = sqlite3.connect("file:%s?mode=ro" % livery.cache, uri=True)
            db.executescript(file.read().replace(".headers", "-- ")
                             .replace(".mode", "-- "))
            db.close()
