"""The cache's file system is read-only: stored pages are served, new ones kept
in memory, and that is said."""
import os
import subprocess
from lib import Scenario

with Scenario() as s:
    folder = s.path("cache")
    os.makedirs(folder)
    if os.geteuid() != 0:
        s.skip("mounting needs root")
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder]
    if subprocess.run(["unshare", "-m", "true"],
                      stderr=subprocess.DEVNULL).returncode or \
            subprocess.run(mount, stderr=subprocess.DEVNULL).returncode:
        s.skip("no tmpfs may be mounted here")
    try:
        origin, theme = s.origin(), s.origin()
        livery = s.livery(origin, theme)
        livery.theme_is_live()
        livery.get("/p?max-age=6000").must(200, themed=True)
        livery.stored("/p?")
        livery.term()
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        livery = s.livery(origin, theme)
        livery.get("/p?max-age=6000").must(200)
        livery.get("/new?max-age=6000").must(200)
        livery.get("/new?max-age=6000").must(200, cache="hit")
        s.check("read-only" in livery.errors().lower() or
                "readonly" in livery.errors().lower() or
                "memory" in livery.errors(), livery.errors())
        livery.term()
    finally:
        for process in s.processes:
            if process.is_running():
                process.process.kill()
                process.process.wait()
        subprocess.run(["umount", "-l", folder])
