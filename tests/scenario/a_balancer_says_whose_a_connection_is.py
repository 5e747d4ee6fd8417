"""A listener with proxy_protocol takes the client's address from the PROXY
header of version 1 and 2, and closes on who is not trusted, says something
else, or says nothing in time; a plain listener beside it takes none."""
import socket
import struct
import time

from lib import Connection, Scenario

MARK = b"\r\n\r\n\0\r\nQUIT\n"


def version_2(client, port=56324, more=b""):
    body = socket.inet_aton(client) + socket.inet_aton("10.0.0.1") + \
        struct.pack("!HH", port, 443) + more
    return MARK + b"\x21\x11" + struct.pack("!H", len(body)) + body


with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin, limits={"header_timeout": "300ms"}, top={
        "listen": ["127.0.0.1:0 proxy_protocol", "127.0.0.1:0",
                   "unix:%s proxy_protocol" % s.path("l")],
        "trusted_peers": ["127.0.0.1", "unix", "198.51.100.0/24"]})
    plain = [line.rpartition(":")[2] for line in livery.said().splitlines()
             if line.startswith("listening on http")][1]

    def client_seen(before, at=None, fields=()):
        with Connection(at or livery.at) as connection:
            connection.send(before)
            connection.get("/echo-head.json", fields=fields).must(200)
            # the connection goes on
            answer = connection.get("/echo-head.json?2", fields=fields)
        return [line.split(": ")[1] for line in
                origin.last().splitlines()
                if line.startswith("X-Forwarded-For")] or [answer.text]

    s.equal(client_seen(b"PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n"),
            ["192.0.2.7"])
    s.equal(client_seen(b"PROXY TCP6 2001:db8::7 ::1 56324 443\r\n"),
            ["2001:db8::7"])
    s.equal(client_seen(version_2("192.0.2.8")), ["192.0.2.8"])
    s.equal(client_seen(version_2("192.0.2.8", more=b"\4\0\1x")),
            ["192.0.2.8"])
    s.equal(client_seen(b"PROXY UNKNOWN\r\n"), ["127.0.0.1"])
    s.equal(client_seen(MARK + b"\x20\0\0\0"), ["127.0.0.1"])
    s.equal(client_seen(b"PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n",
                        at=s.path("l")), ["192.0.2.7"])
    # who is named so is trusted as far as trusted_peers say, no further
    s.equal(client_seen(version_2("192.0.2.8"),
                        fields={"X-Forwarded-For": "203.0.113.1"}),
            ["192.0.2.8"])
    s.equal(client_seen(version_2("198.51.100.1"),
                        fields={"X-Forwarded-For": "203.0.113.1"})[0]
            .split(", ")[0], "203.0.113.1")

    def logged():
        with open(s.path("access.log"), encoding="utf-8") as log:
            return "192.0.2.7 " in log.read()
    s.until(logged, "the log to name the client")

    # in pieces
    with Connection(livery.at) as connection:
        for byte in version_2("192.0.2.9"):
            connection.send(bytes([byte]))
            time.sleep(0.001)
        connection.get("/pieces.txt").must(200)
    s.check("192.0.2.9" in origin.last(), "its client is known")

    # no header, a bad one, half of one
    for words in (b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
                  b"PROXY TCP4 192.0.2.7 10.0.0.1 1\r\n",
                  b"PROXY TCP4 192.0.2.7", b"", MARK):
        origin.zero()
        with Connection(livery.at) as connection:
            connection.send(words)
            s.check(connection.closed(), "%r is not taken" % words)
        s.equal(origin.count(), 0)
    s.check(livery.metrics()["connections_unnamed_total"] >= 5,
            "they are counted")
    # many that say nothing hold nobody up
    silent = [Connection(livery.at) for _ in range(200)]
    s.equal(client_seen(version_2("192.0.2.8")), ["192.0.2.8"])
    for connection in silent:
        connection.close()

    # a plain listener takes no header
    with Connection(("127.0.0.1", int(plain))) as connection:
        connection.get("/plain.txt").must(200)
    with Connection(("127.0.0.1", int(plain))) as connection:
        connection.send(b"PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n")
        connection.ask("/plain.txt")
        s.check(connection.read().status >= 400, "refused")

    # a listener that is no balancer's
    stranger = s.livery(origin, cache={"file": s.path("cache/2.db")}, top={
        "listen": ["127.0.0.1:0 proxy_protocol"],
        "trusted_peers": ["192.0.2.0/24"]})
    with Connection(stranger.at) as connection:
        connection.send(version_2("192.0.2.7"))
        s.check(connection.closed(), "closed on a stranger")
