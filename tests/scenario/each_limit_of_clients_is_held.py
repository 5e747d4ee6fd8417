"""The options of `limits`, and what may be in the air, one after the other: at
the limit it is let in, past it it ends as livery.conf(5) says."""
import time
from lib import Broken, Scenario

with Scenario() as s:
    origin = s.origin()
    number = [0]

    def serve(**blocks):
        number[0] += 1
        return s.livery(origin, cache={"file": s.path(
            "cache", "%d.db" % number[0])}, **blocks)

    def status_of(livery, text):
        with livery.connect() as client:
            client.send(text)
            try:
                return client.read().status
            except (Broken, ConnectionResetError):
                return "closed"

    # ---- heads and bodies
    livery = serve(limits={"request_line_max": "300", "fields_max": 12,
                           "head_max": "2k", "body_max": "1000"})
    line = len("GET  HTTP/1.1")
    for size, wanted in ((300, 200), (301, 414), (5000, 414)):
        s.equal(status_of(livery, "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n" % (
            "x" * (size - line - 1))), wanted, "a line of %d" % size)
    for count, wanted in ((12, 200), (13, 431)):
        s.equal(status_of(livery, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n" % (
            "X: y\r\n" * (count - 1))), wanted, "%d fields" % count)
    for size, wanted in ((1900, 200), (2100, 431)):
        s.equal(status_of(livery, "GET / HTTP/1.1\r\nHost: a\r\nX: %s"
                          "\r\n\r\n" % ("y" * (size - 30))), wanted,
                "a head of %d" % size)
    for size, wanted in ((1000, 200), (1001, 413)):
        answer = livery.get("/echo", "POST", body=b"b" * size)
        answer.must(wanted)
    # A body without a length is counted as it comes.
    for chunks, wanted in ((10, (200,)), (11, (413, "closed")),
                           (500, (413, "closed"))):
        s.check(status_of(
            livery, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
            "chunked\r\n\r\n" + ("64\r\n" + "c" * 100 + "\r\n") * chunks +
            "0\r\n\r\n") in wanted, "%d chunks" % chunks)
    s.until(lambda: not livery.requests(), "the bodies to be gone")
    livery.term()

    # client_memory bounds a head whatever else is said
    livery = serve(limits={"client_memory": "8k", "head_max": "1M",
                           "request_line_max": "1M", "fields_max": 10000})
    s.equal(status_of(livery, "GET / HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n" %
                      ("y" * 4000)), 200)
    s.check(status_of(livery, "GET / HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n" %
                      ("y" * 9000)) in (431, "closed"), "past client_memory")
    livery.term()

    # ---- connections
    def count_of(livery, most):
        clients = []
        for _ in range(most):
            client = livery.connect(timeout=s.within(1))
            try:
                client.get("/p").must(200)
                clients.append(client)
            except (Broken, OSError):
                client.close()
        got = len(clients)
        for client in clients:
            client.close()
        return got

    livery = serve(limits={"per_ip_max": 4,
                               "keepalive_timeout": "5m"}, top={"threads": 1})
    s.equal(count_of(livery, 8), 4, "per_ip_max")
    s.until(lambda: count_of(livery, 4) == 4, "room again")
    livery.term()
    livery = serve(limits={"connections_max": 6,
                               "keepalive_timeout": "5m"}, top={"threads": 1})
    s.equal(count_of(livery, 9), 6, "connections_max")
    s.until(lambda: count_of(livery, 6) == 6, "room again")
    livery.term()

    # ---- what is in the air: so many, the rest 503 at once, or stale
    def crowd(livery, most, **blocks):
        livery.get("/kept?max-age=10&sie=9999").must(200)
        s.clock.forward(20)
        clients = [livery.connect() for _ in range(most)]
        for n, client in enumerate(clients):
            client.ask("/hold%d?hold=1&cc=private" % n)
        s.until(lambda: origin.busy() +
                livery.metrics()["overload_total"] >= most, "all asked")
        busy = origin.busy()
        s.equal(busy + livery.metrics()["overload_total"], most,
                "each refusal is counted once")
        livery.get("/kept?max-age=10&sie=9999").must(
            200 if not blocks.get("refused") else 503, within=2)
        s.until(lambda: origin.go() or origin.busy() == 0,
                "the held ones to end")
        statuses = [client.read().status for client in clients]
        for client in clients:
            client.close()
        s.equal(statuses.count(200), busy, statuses)
        s.equal(statuses.count(200) + statuses.count(503), most, statuses)
        return busy

    for name, blocks in (
            ("upstream", {"upstream_options": {"misses_max": 3}}),
            ("site", {"site": {"misses_max": 3}}),
            ("fetch", {"fetch": {"misses_max": 3}})):
        livery = serve(**blocks)
        s.equal(crowd(livery, 8), 3, "misses_max of " + name)
        livery.get("/after").must(200)
        livery.term()
    livery = serve(limits={"pages_max": 3})
    s.equal(crowd(livery, 8, refused=True), 3, "pages_max")
    livery.get("/after").must(200)
    livery.term()
    livery = serve(limits={"suspended_max": 3}, top={"threads": 1})
    s.equal(crowd(livery, 8, refused=True), 3, "suspended_max")
    livery.get("/after").must(200)
    livery.term()

    # ---- an answer that is taken too slowly
    livery = serve(limits={"send_timeout": "1s", "send_rate": "1M"})
    with livery.connect(receive_buffer=4096) as client:
        client.ask("/big.bin?size=8000000&cc=no-store")
        began = time.monotonic()
        got = 0
        try:
            while time.monotonic() - began < 30 * s.within(1):
                data = client.socket.recv(20000)
                if not data:
                    break
                got += len(data)
                time.sleep(0.1)  # 200 KB a second
        except ConnectionResetError:
            pass
        s.check(got < 8000000, "all of it was sent")
        s.check(time.monotonic() - began < 25 * s.within(1), "too late")
    livery.term()

    # ---- an address that answers nothing
    livery = s.livery("http://192.0.2.1:9/", upstream_options={
        "connect_timeout": "300ms"}, cache={"file": "none"})
    livery.get("/p").must((502, 504), within=3)
    livery.term()
