"""5,000 connections that rest, and 200 clients that ask for much and never
read: a cached page is as fast as ever, memory is bounded, and each ends by its
deadline, counted."""
import resource
import socket

from lib import Connection, Scenario, SLOW

IDLE, UNREAD = 5000, 200
# more than all buffers on the way hold; the origin has each in memory
SIZE, WINDOW = 2_000_000, 256 << 10

with Scenario() as s:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < IDLE + UNREAD + 300:
        s.skip("%d file descriptors are too few" % hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    origin = s.origin()
    # they rest for so long that all of them can come
    idle_s, send_s = 10, 3
    livery = s.livery(origin, limits={
        "keepalive_timeout": "%ds" % s.within(idle_s),
        "send_timeout": "%ds" % s.within(send_s), "client_window": "64k",
        "connections_max": 10000})
    livery.get("/hit.txt?max-age=3600").must(200)

    def quick(what, bound_ms):
        """Hits while something else is going on."""
        figures = s.crowd(livery, "/hit.txt?max-age=3600", "-n", 3000,
                          "-c", 8, "-k")
        s.equal(figures["failed"], 0, figures["why"])
        s.equal(figures["status"], {"200": 3000})
        s.bound("p99 of a cached page, " + what, figures["p99_ms"], bound_ms)
        return figures["p99_ms"]

    quiet = quick("quiet", s.within(100))
    bound = max(3 * quiet, s.within(30))
    before_kb = livery.rss_kb()
    request = b"GET /hit.txt?max-age=3600 HTTP/1.1\r\nHost: www.example.org" \
        b"\r\n\r\n"
    resting = []
    for _ in range(IDLE):
        client = socket.create_connection(livery.at)
        client.sendall(request)
        resting.append(client)
    for client in resting:
        s.check(client.recv(4096).startswith(b"HTTP/1.1 200"), "an answer")
    s.check(livery.metrics()["connections"] >= IDLE, "they are there")
    quick("%d rest" % IDLE, bound)
    # client_memory each, and what we know of it
    used_kb = livery.rss_kb() - before_kb
    # a sanitizer's memory is its own
    s.check(SLOW > 1 or used_kb <= IDLE * 40 + 20000, "%d KB for them" % used_kb)
    s.until(lambda: livery.metrics()["connections"] < 50, "them to end",
            within=idle_s + 60)
    s.check(livery.metrics()["connections_idle_total"] >= IDLE, "counted")
    for client in resting:
        client.close()

    # ---- and those who do not read
    before_kb = livery.rss_kb()
    before = livery.metrics()["client_timeouts_total"]
    origin.zero()
    unread = []
    for number in range(UNREAD):
        # of the usual size: a tiny one keeps the kernel busy, not livery
        client = Connection(livery.at)
        client.ask("/big.bin?size=%d&cc=no-store&n=%d" % (SIZE, number))
        unread.append(client)
    fetched = [0]

    def all_are_full():
        """Nothing moves any more, or the first are at their end."""
        figures = livery.metrics()
        last, fetched[0] = fetched[0], figures["fetched_bytes_total"]
        return last == fetched[0] > UNREAD * WINDOW // 2 or \
            figures["client_timeouts_total"] > before
    s.until(all_are_full, "all to be asked")
    quick("%d do not read" % UNREAD, max(bound, s.within(60)))
    used_kb = livery.rss_kb() - before_kb
    s.check(SLOW > 1 or used_kb <= UNREAD * 2 * WINDOW // 1024 + 30000,
            "%d KB for streams that nobody reads" % used_kb)
    s.until(lambda: livery.metrics()["client_timeouts_total"] >=
            before + UNREAD, "them to be shown out", within=send_s + 60)
    s.until(lambda: not livery.requests(), "nothing to be in hand")
    s.until(lambda: origin.busy() == 0, "the upstream to be let go")
    for client in unread:
        client.close()
    quick("after all", bound)
