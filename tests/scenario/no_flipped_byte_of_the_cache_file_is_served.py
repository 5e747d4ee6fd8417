"""A byte of the cache file is turned over, a thousand times at places drawn by
chance: what is served is the page, whole and right, or asked for anew."""
import os
import random
import shutil
from lib import Scenario

ROUNDS, FLIPS = 25, 40
PAGES = ["/p%d.txt?max-age=9000&size=%d" % (n, 4000 + 100 * n) for n in range(40)]

with Scenario() as s:
    random.seed(1000)
    origin = s.origin()
    livery = s.livery(origin)
    right = {page: livery.get(page).must(200).body for page in PAGES}
    livery.stored("/p39.txt?")
    livery.term()
    path = s.path("cache", "cache.db")
    shutil.copy(path, s.path("whole.db"))
    size = os.path.getsize(path)
    damaged = anew = 0
    for turn in range(ROUNDS):
        for name in os.listdir(s.path("cache")):
            os.unlink(s.path("cache", name))
        shutil.copy(s.path("whole.db"), path)
        with open(path, "r+b") as file:
            for _ in range(FLIPS):
                at = random.randrange(size)
                file.seek(at)
                byte = file.read(1)[0]
                file.seek(at)
                file.write(bytes([byte ^ (1 << random.randrange(8))]))
        livery = s.livery(origin)
        origin.zero()
        with livery.connect() as client:
            for page in PAGES:
                answer = client.get(page).must(200)
                s.check(answer.body == right[page] and
                        answer.get("Server") == "origin" and
                        answer.get("Content-Type") ==
                        "text/plain; charset=utf-8" and
                        answer.get("Cache-Control") == "max-age=9000",
                        "damage was served: %s\n%s" % (page, answer.head))
        anew += origin.count()
        damaged += livery.metrics()["damaged_total"]
        livery.term()
    print("%d flips: %d pages asked for anew, %d rows found damaged" %
          (ROUNDS * FLIPS, anew, damaged))
    s.check(anew > 0, "no flip was noticed")
