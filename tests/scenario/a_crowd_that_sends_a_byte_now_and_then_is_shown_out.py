"""300 clients that send a byte now and then of a head, and 300 of a body: each
ends by header_timeout or min_rate, counted; a cached page is as fast meanwhile,
others upload as ever, and upstream nothing is left of them."""
import resource
import threading

from lib import Connection, Scenario

COUNT = 300
HIT = "/hit.txt?max-age=999999"
HEAD = b"GET /p HTTP/1.1\r\nHost: a\r\nX: "
BODY = b"POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\nx"

with Scenario() as s:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    origin = s.origin()
    livery = s.livery(origin, limits={
        "header_timeout": "%ds" % s.within(4), "body_timeout": "5m",
        "min_rate": 1000})
    livery.get(HIT).must(200)
    dripping, stop = [], threading.Event()

    def drip():
        """A byte of each, again and again."""
        while not stop.wait(0.3):
            for client in list(dripping):
                try:
                    client.socket.send(b"x")
                except OSError:
                    dripping.remove(client)

    def crowd(text):
        clients = [Connection(livery.at) for _ in range(COUNT)]
        for client in clients:
            client.send(text)
        dripping.extend(clients)
        return clients

    def no_hit_waits(what):
        figures = s.crowd(livery, HIT, "-n", 2000, "-c", 4, "-k")
        s.equal(figures["status"], {"200": 2000}, "%s: %r" % (what, figures))
        s.check(figures["p50_ms"] < s.within(50), "%s: %r" % (what, figures))
        livery.get("/echo", "POST", body=b"y" * 5000).must(200, has="yyyy")
        livery.get("/new?text=" + what[:4]).must(200, has=what[:4])

    dripper = threading.Thread(target=drip)
    dripper.start()
    try:
        heads, bodies = crowd(HEAD), crowd(BODY)
        s.until(lambda: livery.metrics()["transfers"] == COUNT,
                "the uploads to be there")
        before = livery.metrics()
        s.check(before["connections"] >= 2 * COUNT, before["connections"])
        no_hit_waits("dripping")
        s.until(lambda: livery.metrics()["client_timeouts_total"] >= COUNT,
                "the heads to be shown out")
        no_hit_waits("half")
        # an upload is judged once it has lasted ten seconds
        s.until(lambda: livery.metrics()["client_timeouts_total"] ==
                2 * COUNT, "the bodies to be shown out", within=15)
        s.until(lambda: livery.metrics()["transfers"] == 0,
                "the upstream to be let go")
        for client in bodies:
            try:
                while client.more():
                    pass
            except ConnectionResetError:
                pass
        no_hit_waits("after")
        s.until(lambda: livery.metrics()["connections"] < 10 and
                not livery.requests(), "all to be gone")
    finally:
        stop.set()
        dripper.join()
    for client in heads + bodies:
        client.close()
