"""kill -9 in a burst of stores, 20 times: the file opens and is whole, and what
a second connection had read before the kill is served."""
import random
import time
from lib import Scenario

KILLS = 20

with Scenario() as s:
    random.seed(20)
    origin = s.origin()
    livery = s.livery(origin)
    seen = 0
    for turn in range(KILLS):
        crowd = s.crowd(livery, "/t%d-%%d?max-age=9999&size=3000" % turn,
                        "-n", 2000, "-c", 20, "-k", "-w", 5, wait=False)
        time.sleep(random.uniform(0.02, 0.25) * s.within(1))
        rows = livery.rows("SELECT url FROM entries")
        livery.kill()
        crowd()
        livery = livery.again()
        s.equal(livery.value("PRAGMA integrity_check"), "ok")
        kept = {row["url"] for row in livery.rows("SELECT url FROM entries")}
        lost = [row["url"] for row in rows if row["url"] not in kept]
        s.equal(lost, [], "rows that were seen and are gone")
        seen += len(rows)
        origin.zero()
        for row in random.sample(rows, min(len(rows), 20)):
            target = row["url"].split("www.example.org", 1)[1]
            livery.get(target).must(200, cache="hit", has="Page /t")
        s.equal(origin.count(), 0, "asked for what was stored")
    print("rows seen before the kills:", seen)
    s.check(seen > 100, "the kills came too early: %d rows seen" % seen)
    s.equal(livery.metrics()["damaged_total"], 0)
