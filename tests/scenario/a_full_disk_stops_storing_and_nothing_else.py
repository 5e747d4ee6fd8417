"""The disk under the cache file is full: pages are served, dressed, kept in
memory, and stored again when there is room: also when that was made by removing
the file, with nobody asking for anything."""
import glob
import os
import subprocess
from lib import Scenario

with Scenario() as s:
    folder = s.path("cache")
    os.makedirs(folder)
    if os.geteuid() != 0:
        s.skip("mounting needs root")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs",
                       folder], stderr=subprocess.DEVNULL).returncode:
        s.skip("no tmpfs may be mounted here")
    try:
        origin, theme = s.origin(), s.origin()
        livery = s.livery(origin, theme)
        livery.theme_is_live()
        for page in range(200):
            livery.get("/p%d?max-age=6000&size=90000" % page).must(
                200, themed=True)
        metrics = livery.metrics()
        s.until(lambda: livery.metrics()["store_failed_total"] > 0,
                "a store to fail")
        livery.get("/p199?max-age=6000&size=90000").must(
            200, themed=True, cache="hit", within=0.5)
        s.check("full" in livery.errors().lower() or
                "space" in livery.errors().lower(), livery.errors())
        s.check(livery.errors().count("\n") < 60, "it says it too often")
        livery.get("/not-in-memory").must(200)  # a worker has the file open
        for name in glob.glob(livery.cache + "*"):
            os.unlink(name)
        # Its room comes back when the last of them has closed it.
        s.until(lambda: livery.value("SELECT count(*) FROM entries"),
                "the new file to have what waited")
        subprocess.run(["mount", "-o", "remount,size=200m", folder],
                       check=True)
        s.clock.forward(120)

        def stores_again():
            stores_again.n += 1
            livery.get("/q%d?max-age=90000" % stores_again.n).must(200)
            return livery.value("SELECT count(*) FROM entries WHERE "
                                "url LIKE '%/q%'")
        stores_again.n = 0
        s.until(stores_again, "stores to reach the file again", within=15)
        s.equal(livery.value("PRAGMA integrity_check"), "ok")
        livery.term()
    finally:
        for process in s.processes:
            if process.is_running():
                process.process.kill()
                process.process.wait()
        subprocess.run(["umount", "-l", folder])
