"""Descriptors are shared out: those who have not said yet whose connection they
bring, at a listener with proxy_protocol, are bounded with all others, so that
clients are served, and upstreams asked, however many say nothing."""
import os

import lib
from lib import Connection, Scenario

FDS, SILENT = 700, 650

with Scenario() as s:
    origin = s.origin()
    s.write("few", "#!/bin/sh\nulimit -n %d\nexec %s \"$@\"\n" %
            (FDS, lib.LIVERY))
    os.chmod(s.path("few"), 0o755)
    lib.LIVERY = s.path("few")
    livery = s.livery(origin, limits={"header_timeout": "1m"}, top={
        "listen": ["127.0.0.1:0 proxy_protocol", "127.0.0.1:0"]})
    s.check("only %d file descriptors" % FDS in livery.errors(),
            livery.errors())
    plain = ("127.0.0.1", int([
        line.rpartition(":")[2] for line in livery.said().splitlines()
        if line.startswith("listening on http")][1]))
    silent = [Connection(livery.at) for _ in range(SILENT)]

    def all_are_known():
        figures = livery.metrics()
        return figures["connections_waiting"] + \
            figures["connections_unnamed_total"] == SILENT
    s.until(all_are_known, "each to wait or to be shown out")
    waiting = livery.metrics()["connections_waiting"]
    s.check(0 < waiting <= FDS - 256, "%d wait" % waiting)
    # as many as there may be, each with an answer of the upstream's
    clients = [Connection(plain) for _ in range(50)]
    for number, client in enumerate(clients):
        client.ask("/p%d.txt?cc=no-store" % number)
    for client in clients:
        client.read().must(200, within=5)
    s.equal(len(os.listdir("/proc/%d/fd" % livery.pid)) < FDS, True)
    # who says it now is served
    served = 0
    for connection in silent:
        try:
            connection.send(b"PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n")
            connection.get("/p.txt?max-age=60").must(200)
            served += 1
        except (lib.Broken, OSError):
            pass
        connection.close()
        if served == 20:
            break
    s.equal(served, 20)
    for client in clients + silent:
        client.close()
    s.until(lambda: livery.metrics()["connections_waiting"] == 0,
            "all to be gone")
