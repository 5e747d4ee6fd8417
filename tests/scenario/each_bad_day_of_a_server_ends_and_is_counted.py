"""Whatever happens to a server, before its first byte, in its head, or in the
middle of an answer: each request ends by a limit that the configuration states,
it is counted and seen on the status page, a cached page of the same server is as
fast meanwhile, and when the day is over pages come by themselves."""
import json
import threading
import time

from lib import Scenario

COUNT, FLAPS = 40, 300
HIT = "/hit.txt?max-age=999999"

# What happens; the harm that does it; what is asked for; how it may end (a
# status, or "cut": the connection ends within the answer).
DAYS = (
    ("dies before the first byte", "cut=0", "/a%d?size=9000", ("502",)),
    ("dies in its head", "cut=30", "/b%d?size=9000", ("502",)),
    ("dies in a body", "cut=5000", "/c%d.bin?size=90000&cc=no-store",
     ("502", "cut")),
    ("resets before the first byte", "reset=0", "/d%d?size=9000", ("502",)),
    ("resets in a body", "reset=5000", "/e%d.bin?size=90000&cc=no-store",
     ("502", "cut")),
    ("accepts and never answers", "hang=1", "/f%d?size=9000", ("504",)),
    ("says a byte a second", "rate=1", "/g%d?size=9000", ("504",)),
    ("says a page too slowly", "rate=2000",
     "/h%d?size=90000&max-age=60", ("504", "cut")),
    ("says nothing after its head", "",
     "/i%d.bin?size=90000&cc=no-store&body-delay=999999", ("504", "cut")),
    ("is not there", "refuse=1", "/j%d?size=9000", ("502",)),
)

with Scenario() as s:
    origin = s.origin()
    toxic = s.toxic(origin)
    limit = s.within(0.7)
    livery = s.livery(toxic, upstream_options={
        "connect_timeout": "%dms" % (limit * 1000),
        "first_byte_timeout": "%dms" % (limit * 1000),
        "total_timeout": "%dms" % (limit * 1500),
        "failures_max": 1000, "back_off_min": "1ms", "back_off_max": "1ms"})
    livery.get(HIT).must(200)
    hit = livery.connect()

    def no_hit_waits(what, over):
        """One after the other, until it is over: far below the limits that
        the others wait for, however busy this machine."""
        waited = []
        while len(waited) < 40 or not over():
            waited.append(hit.get(HIT).must(200, cache="hit").seconds)
            time.sleep(0.002)
        waited.sort()
        s.check(waited[len(waited) * 9 // 10] < limit / 2,
                "%s: cached pages took %.3f to %.3f s" % (
                    what, waited[0], waited[-1]))

    def failures():
        servers = json.loads(livery.ask_admin("/servers").text)
        return servers["upstreams"][0]["servers"][0]["failures"]

    def crowd_of(target, *words):
        """Asks from a thread; gives how to ask whether it has ended, and its
        figures."""
        figures = {}
        ask = s.crowd(livery, target, *words, wait=False)
        thread = threading.Thread(target=lambda: figures.update(ask()))
        thread.start()
        return (lambda: not thread.is_alive()), figures

    for what, harm, target, ends in DAYS:
        before, failed_before = livery.metrics(), failures()
        toxic.be("break=1 " + harm)
        over, figures = crowd_of(target, "-n", COUNT)
        no_hit_waits(what, over)
        statuses = dict(figures["status"], cut=figures["failed"])
        s.equal(sum(statuses.get(end, 0) for end in ends), COUNT,
                "%s: %r" % (what, figures))
        s.check(figures["max_ms"] < (limit * 1.5 + s.within(3)) * 1000,
                "%s: it ended after %d ms" % (what, figures["max_ms"]))
        after = livery.metrics()
        for name in ("fetch_failed_total", "problems_total"):
            s.check(after[name] >= before[name] + COUNT, "%s: %s: %d" % (
                what, name, after[name] - before[name]))
        s.check(failures() > failed_before, what + ": the server's failures")
        s.until(lambda: not livery.requests(), what + ": all to be gone")
        s.check(livery.metrics()["transfers"] == 0, "upstream requests")
        s.until(lambda: target[:2] in livery.ask_admin("/status").must(200)
                .text, what + ": to be on the status page")
        toxic.be("break=1")
        s.until(lambda: livery.get("/well" + target[:2] + "?cc=no-store")
                .status == 200, what + ": pages to come again")

    # it flaps: pages come or end with an error, and hits do not notice
    before = livery.metrics()["fetch_failed_total"]
    over, figures = crowd_of("/k%d?cc=no-store", "-r", FLAPS, "-t", 1)

    def flap():
        while not over():
            for harm in ("break=1 refuse=1", ""):
                toxic.be(harm)
                time.sleep(0.03)
    flapping = threading.Thread(target=flap)
    flapping.start()
    no_hit_waits("flaps", over)
    flapping.join()
    s.equal(figures["status"].get("200", 0) + figures["status"].get("502", 0) +
            figures["failed"], FLAPS, "flaps: %r" % figures)
    s.check(figures["status"].get("200", 0) > 0, "none came: %r" % figures)
    s.check(livery.metrics()["fetch_failed_total"] > before, "counted")
    toxic.be("break=1")
    s.until(lambda: livery.get("/end?cc=no-store").status == 200, "the end")
