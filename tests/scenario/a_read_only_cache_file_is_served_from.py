"""The cache file may not be written: its file system is read-only, or its modes
are. What it holds is served, with upstream and theme host gone too; what is new
is kept in memory, and that is said once. After a kill what stood in the WAL
comes as well."""
import os
import subprocess
from lib import Scenario

PAGES = ["/p%d?max-age=6000" % n for n in range(10)]
FILES = ("", "-wal", "-shm", ".lease")


def fill(s, origin, theme, cleanly=True, **blocks):
    livery = s.livery(origin, theme, **blocks)
    livery.theme_is_live()
    for page in PAGES:
        livery.get(page).must(200, themed=True)
    livery.stored("/p9?")
    if cleanly:
        livery.term()
    else:
        livery.kill()


def is_served_from(s, origin, theme, **blocks):
    origin.mode("hang")
    theme.mode("hang")
    livery = s.livery(origin, theme, **blocks)
    livery.theme_is_live()
    for page in PAGES:
        livery.get(page).must(200, cache="hit", themed=True)
    origin.mode("ok")
    livery.get("/new?max-age=6000").must(200, themed=True)
    livery.get("/new?max-age=6000").must(200, cache="hit")
    s.equal(livery.errors().count("cache file read-only, serving what it "
                                  "holds"), 1, livery.errors())
    s.equal(livery.value("SELECT count(*) FROM entries WHERE url LIKE "
                         "'%/new%'") if os.access(
                             livery.cache + "-shm", os.F_OK) else 0, 0)
    status, out, err = s.run("cache", "stat", "--cache", livery.cache)
    s.equal(status, 0, err)
    s.check("page" in out, out)
    # A purge cannot be written, and holds while it runs.
    livery.get(PAGES[0], "PURGE").must(200)
    livery.get(PAGES[0]).must(200, cache="fwd")
    livery.get(PAGES[9]).must(200, cache="hit")
    livery.term()
    theme.mode("ok")


def by_modes(s, origin, theme, cleanly):
    """As a user to whom the modes mean something."""
    folder = s.path("cache")
    subprocess.run(["rm", "-rf", folder], check=True)
    fill(s, origin, theme, cleanly)
    for suffix in FILES:
        if os.path.exists(s.path("cache", "cache.db" + suffix)):
            os.chmod(s.path("cache", "cache.db" + suffix), 0o444)
    os.chmod(folder, 0o555)
    is_served_from(s, origin, theme, top={
        "user": "nobody" if os.geteuid() == 0 else None,
        "access_log": None})
    os.chmod(folder, 0o755)


def by_mount(s, origin, theme, cleanly):
    folder = s.path("cache")
    subprocess.run(["rm", "-rf", folder], check=True)
    os.makedirs(folder)
    if os.geteuid() != 0 or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder],
            stderr=subprocess.DEVNULL).returncode:
        print("nothing may be mounted here")
        return
    try:
        fill(s, origin, theme, cleanly)
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        is_served_from(s, origin, theme)
    finally:
        for process in s.processes:
            if process.is_running() and process.name.startswith("livery"):
                process.kill()
        subprocess.run(["umount", "-l", folder])


def without_a_folder(s, origin, theme):
    """It cannot be made, and is, once it can."""
    with open(s.path("in-the-way"), "w", encoding="utf-8"):
        pass
    livery = s.livery(origin, theme, cache={
        "file": s.path("in-the-way", "deep", "cache.db")})
    livery.theme_is_live()
    livery.get(PAGES[0]).must(200, themed=True)
    livery.get(PAGES[0]).must(200, cache="hit")
    s.check("in-the-way/deep: cannot be made" in livery.errors() or
            "in-the-way: cannot be made" in livery.errors(), livery.errors())
    os.unlink(s.path("in-the-way"))
    s.until(lambda: os.path.exists(s.path("in-the-way", "deep", "cache.db")),
            "the cache file")
    livery.get(PAGES[1]).must(200)
    livery.term()


with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    without_a_folder(s, origin, theme)
    for cleanly in True, False:
        by_modes(s, origin, theme, cleanly)
        by_mount(s, origin, theme, cleanly)
