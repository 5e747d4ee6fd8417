"""Two processes on one cache file under load, and kill -9 of one, ten times: the
other goes on, what was seen in the file stays there, and the file is whole."""
import random
import time
from lib import Scenario

KILLS = 10

with Scenario() as s:
    random.seed(9)
    origin = s.origin()
    one, two = s.livery(origin), s.livery(origin)
    seen = 0
    for turn in range(KILLS):
        crowds = [s.crowd(livery, "/t%d-%d-%%d?max-age=9999&size=3000" % (
            turn, n), "-n", 1000, "-c", 20, "-k", "-w", 8, wait=False)
            for n, livery in enumerate((one, two))]
        time.sleep(random.uniform(0.05, 0.3) * s.within(1))
        rows = {row["url"] for row in two.rows("SELECT url FROM entries")}
        one.kill()
        crowds[0]()
        figures = crowds[1]()
        s.equal(figures["status"].get("200"), 1000, "answers by the other")
        kept = {row["url"] for row in two.rows("SELECT url FROM entries")}
        s.equal([url for url in rows if url not in kept], [],
                "rows that were seen and are gone")
        one = one.again()
        seen += len(rows)
        s.until(lambda: two.value(
            "SELECT count(*) FROM entries WHERE url LIKE '%%/t%d-1-%%'" %
            turn) == 1000, "all stores of the other")
        for url in random.sample(sorted(rows), min(len(rows), 20)):
            one.get(url.split("www.example.org", 1)[1]).must(
                200, cache="hit", has="Page /t")
    print("rows seen before the kills:", seen)
    s.equal(two.metrics()["store_failed_total"], 0)
    s.equal(two.metrics()["damaged_total"], 0)
    # both at once
    one.kill()
    two.kill()
    one = one.again()
    s.equal(one.value("PRAGMA integrity_check"), "ok")
    s.check("looked through after an unclean end" in one.errors() or
            one.value("SELECT count(*) FROM entries"), one.errors())
