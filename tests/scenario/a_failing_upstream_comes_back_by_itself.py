"""While an upstream fails, one request per back-off tries it; when it is well
again, fresh pages come without anybody doing anything."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin, upstream_options={
        "first_byte_timeout": "%dms" % s.within(300), "back_off_min": "10s",
        "failures_max": 2}, site={"stale_wait": "100ms"})
    livery.get("/p?max-age=60").must(200)
    s.clock.forward(100)
    origin.mode("fail")
    origin.zero()
    for _ in range(20):
        livery.get("/p?max-age=60").must(200, has="Page /p")
    tries = origin.count("/p")
    s.check(tries <= 4, "it was tried %d times" % tries)
    s.clock.forward(15)
    s.until(lambda: livery.get("/p?max-age=60").must(200) and
            origin.count("/p") > tries, "another try")
    origin.mode("ok")
    origin.set("/p", "max-age=90000&text=well")
    s.clock.forward(120)
    s.until(lambda: "well" in livery.get("/p?max-age=60").text,
            "the fresh page")
    livery.get("/other").must(200, has="Page /other")
