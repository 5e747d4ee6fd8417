"""An upstream of several servers: each has its share, one that dies is left
out without anybody seeing it, and comes back by itself; who finds no slot
waits, and long requests do not take the pages' slots."""
import json
import threading
import time

from lib import Scenario

with Scenario() as s:
    one, two = s.origin(), s.origin()
    livery = s.livery(None, more="""
upstream main {
	servers = {"%s", "%s max_connections=4"}
	max_connections = 4
	back_off_min = 10s
	long_paths = {"/long*"}
	queue_timeout = 400ms
}
site main {
	upstream = main
}
""" % (one.url, two.url))

    # in turn
    for i in range(10):
        livery.get("/p%d" % i).must(200)
    s.check(one.count() == 5 and two.count() == 5, "%d and %d, not 5 and 5" %
            (one.count(), two.count()))

    # whichever redirects to itself
    for origin in (one, two):
        for other in (one, two):
            origin.set("/away%d" % other.port, "status=302&location=%s/there" %
                       other.url)
    for other in (one, two):
        for i in range(2):
            answer = livery.get("/away%d" % other.port)
            s.equal(answer.get("Location"), "http://www.example.org/there")

    # one is gone: nobody sees it, and it is tried seldom
    port = two.port
    two.kill()
    for i in range(10):
        livery.get("/q%d" % i).must(200)
    livery.get("/q", method="POST", body=b"a=b").must(200)
    s.check(livery.metrics()["fetch_retries_total"] == 1,
            "%d retries" % livery.metrics()["fetch_retries_total"])
    two = s.origin(port=port)
    s.clock.forward(15)
    for i in range(12):
        livery.get("/r%d" % i).must(200)
    s.check(two.count() >= 4, "it came back for %d of 12" % two.count())

    def servers():
        return {server["server"]: server for server in json.loads(
            livery.ask_admin("/servers").text)["upstreams"][0]["servers"]}

    # eight slots; long ones have four of them, pages still have the others
    for origin in (one, two):
        origin.set("/long", "hold=1")
        origin.zero()
    held = [threading.Thread(target=livery.get, args=("/long?%d" % i,))
            for i in range(4)]
    for thread in held:
        thread.start()
    s.until(lambda: one.busy() + two.busy() == 4, "four long requests")
    s.equal(servers()[one.url]["in_use"] + servers()[two.url]["in_use"], 4)
    began = time.monotonic()
    livery.get("/long?too-many").must(503)
    s.check(time.monotonic() - began > 0.35, "it waited for its turn")
    for i in range(8):
        livery.get("/page%d" % i).must(200)
    s.check(one.most() <= 4 and two.most() <= 4, "no server had more than 4")
    one.go()
    two.go()
    for thread in held:
        thread.join()
    one.set("/long")
    two.set("/long")
    livery.get("/long?again").must(200)

    # who leaves the queue is not asked for
    for origin in (one, two):
        origin.set("/long", "hold=1")
    held = [threading.Thread(target=livery.get, args=("/long?%d" % i,))
            for i in range(4)]
    for thread in held:
        thread.start()
    s.until(lambda: one.busy() + two.busy() == 4, "four long requests")
    for origin in (one, two):
        origin.zero()
    with livery.connect() as connection:
        connection.ask("/long-queued?max-age=60")
        s.until(lambda: json.loads(livery.ask_admin("/servers").text)
                ["upstreams"][0]["waiting"] == 1, "it to be in the queue")
    s.until(lambda: json.loads(livery.ask_admin("/servers").text)
            ["upstreams"][0]["waiting"] == 0, "it to leave the queue", 0.25)
    one.go()
    two.go()
    for thread in held:
        thread.join()
    s.equal(one.count("/long-queued") + two.count("/long-queued"), 0)
    for origin in (one, two):
        origin.set("/long")

    # the operator takes one out, and puts it back
    def order(word, server=one, status=200):
        livery.ask_admin("/servers/order?upstream=main&order=%s&server=%s" %
                         (word, server.url), method="POST").must(status)

    order("out")
    one.zero()
    for i in range(6):
        livery.get("/s%d" % i).must(200)
    s.equal(one.count(), 0, "asked while it is out")
    s.equal(servers()[one.url]["state"], "out")
    s.equal(servers()[two.url]["state"], "well")
    livery.reload()
    livery.get("/s-again").must(200)
    s.equal(one.count(), 0, "asked while it is out, after a reload")
    order("out", two)
    livery.get("/t").must(503, has="no-server")
    order("in")
    livery.get("/t").must(200)
    s.equal(one.count(), 1, "asked when it is back")
    order("in", two)
    order("away", status=400)
    livery.ask_admin("/servers/order?upstream=main&order=in&server=x",
                     method="POST").must(404)
    s.check('livery_server_up{upstream="main",server="%s"} 1' % one.url in
            livery.ask_admin("/metrics").text, "the metrics show it")
    livery.ask_admin("/status").must(200, has=one.url)

    # check asks each
    status, said, errors = s.run("check", "-c", s.path("livery.conf"))
    s.equal(status, 0, said + errors)
    s.check("upstream main: %s: status 200" % one.url in said + errors and
            "upstream main: %s: status 200" % two.url in said + errors,
            said + errors)

    # nobody is left
    one.kill()
    two.kill()
    livery.get("/gone").must(502)
