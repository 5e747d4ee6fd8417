"""Cache file of another kind, truncated, from a newer version, or not to be
written: a clear word about it, and the site is served."""
import glob
import os
import sqlite3
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    path = s.path("cache", "cache.db")

    def fill():
        livery = s.livery(origin, theme)
        livery.theme_is_live()
        for page in range(20):
            livery.get("/p%d?max-age=6000&size=9000" % page).must(
                200, themed=True)
        livery.stored("/p19?")
        return livery

    def serves(livery, words):
        livery.theme_is_live()
        livery.get("/again?max-age=60").must(200, themed=True)
        livery.get("/again?max-age=60").must(200, themed=True, cache="hit")
        said = livery.errors()
        for word in words:
            s.check(word in said, "no '%s' in:\n%s" % (word, said))

    def sweep():
        for name in glob.glob(path + "*"):
            os.unlink(name)

    # Not a database at all.
    os.makedirs(s.path("cache"))
    s.write("cache/cache.db", "these are just words\n" * 1000)
    livery = s.livery(origin, theme)
    serves(livery, ["cache.db"])
    s.check(len(glob.glob(path + ".*")) >= 1, "nothing was set aside: %s" %
            os.listdir(s.path("cache")))
    livery.stored("/again")
    livery.term()
    sweep()
    # Truncated.
    fill().term()
    size = os.path.getsize(path)
    os.truncate(path, size // 2 + 100)
    livery = s.livery(origin, theme)
    for page in range(20):
        answer = livery.get("/p%d?max-age=6000&size=9000" % page).must(200)
        s.check("Page /p%d" % page in answer.text, answer.text[:300])
    serves(livery, ["cache"])
    livery.term()
    sweep()
    # Of a newer version.
    fill().term()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 9999")
    db.close()
    livery = s.livery(origin, theme)
    serves(livery, ["9999"])
    s.equal(len(glob.glob(path + ".v9999-*")) >= 1, True, "set aside as v9999")
    livery.term()
    sweep()
    # Somebody else's database.
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE mine (x)")
        db.execute("INSERT INTO mine VALUES ('precious')")
    db.close()
    livery = s.livery(origin, theme)
    serves(livery, ["cache.db"])
    livery.term()
    kept = False
    for name in glob.glob(path + "*"):
        try:
            with sqlite3.connect(name) as db:
                kept |= db.execute("SELECT x FROM mine").fetchone() == \
                    ("precious",)
            db.close()
        except sqlite3.Error:
            pass
    s.check(kept, "the other's table is gone")
    sweep()
    # A folder that cannot be made.
    livery = s.livery(origin, theme, cache={"file": "/dev/null/x/cache.db"})
    livery.theme_is_live()
    livery.get("/p").must(200, themed=True)
    s.check("/dev/null/x" in livery.errors(), livery.errors())
