"""What broke before an answer began goes to another server if it may be sent
twice; what broke later, or may not, is told as it is; crowds while a server
flaps get their pages."""
import threading
import time

from lib import Scenario

with Scenario() as s:
    one, two = s.origin(), s.origin()
    livery = s.livery(more="""
        upstream main { servers = {"%s", "%s"}
            back_off_min = 50ms
            failures_max = 2 }
        site main { upstream = main }""" % (one.url, two.url))

    def retries():
        return livery.metrics()["fetch_retries_total"]

    # reset before the head: GET goes on, and so does DELETE; POST does not
    one.set("*", "mode=reset")
    for i in range(4):
        livery.get("/a%d" % i).must(200)
    s.check(retries() >= 1, "%d retries" % retries())
    s.clock.forward(60)
    livery.get("/d", method="DELETE").must(200)
    s.clock.forward(60)
    two.set("*", "mode=reset")
    before = retries()
    livery.get("/p", method="POST", body=b"x").must(502)
    livery.get("/p", method="POST", body=b"x").must(502)
    s.equal(retries(), before, "retries of a POST")
    # each server is asked once over a new connection, and not for ever over
    # those that were kept and may have been closed meanwhile
    one.zero()
    two.zero()
    livery.get("/both").must(502)
    s.check(one.count("/both") <= 5 and two.count("/both") <= 5,
            "asked %d and %d times" % (one.count("/both"),
                                       two.count("/both")))
    one.mode("ok")
    two.mode("ok")
    s.clock.forward(60)
    livery.get("/well").must(200)

    # a slow answer is waited for where it was asked
    for origin in (one, two):
        origin.zero()
        origin.set("/slow", "delay=400")
    livery.get("/slow").must(200)
    s.equal(one.count("/slow") + two.count("/slow"), 1, "asked")

    # one flaps while a crowd asks: each page comes
    over = threading.Event()

    def flap():
        while not over.is_set():
            one.mode("reset")
            time.sleep(0.03)
            one.mode("ok")
            time.sleep(0.03)
    flapping = threading.Thread(target=flap)
    flapping.start()
    figures = s.crowd(livery, "/crowd?cc=private&n=%d", "-n", 1500, "-c", 8,
                      "-k")
    over.set()
    flapping.join()
    s.check(figures["status"].get("200") == 1500, "%r" % figures)
