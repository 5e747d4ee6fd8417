"""A WebSocket holds a slot in the lane of long requests until it ends, and goes
to the server of its session; a client may come by TLS, or behind a PROXY
header; hundreds at a time cost little, and a stop ends them all."""
import os
import random
import signal
import socket
import struct
import sys
import threading
import time
from lib import Authority, Broken, Connection, SOURCE, Scenario, Secure

sys.path.insert(0, os.path.join(SOURCE, "tests/tools"))
sys.dont_write_bytecode = True
import websocket    # noqa: E402

MANY = 200

with Scenario() as s:
    def opened(connection, target="/echo", **more):
        client = websocket.Client(connection, target, **more)
        s.check(client.is_granted, "granted:\n%s" % client.head)
        return client

    def echoes(client, size):
        said = os.urandom(size)
        client.say(said)
        s.equal(client.read() == (websocket.BINARY, said), True, "an echo")

    def several(name, servers, **options):
        return s.livery(file=name + ".conf", limits={"upgrade_grace": 0},
                        cache={"file": s.path(name + ".db")}, more="""
            upstream main { servers = {%s} %s }
            site main { upstream = main }""" % (
                ", ".join('"%s"' % server for server in servers),
                " ".join("%s = %s" % pair for pair in options.items())))

    # ---- slots
    server = websocket.Server()
    livery = several("slots", [server.url], max_connections=4, lane_long=2)
    held = [opened(livery.connect()) for _ in range(2)]
    with livery.connect() as third:
        third.send(websocket.handshake("/echo")[0])
        s.until(lambda: len(livery.requests()) == 3, "the third to wait")
        time.sleep(s.within(0.1))
        s.equal(len(server.heads), 2, "handshakes that the server saw")
        for _ in range(6):      # while it waits, pages pass
            livery.get("/plain").must(200)
        for client in held:
            echoes(client, 1000)
        held.pop().connection.close()
        s.check(third.read_head().startswith(b"HTTP/1.1 101"), "its turn")
    held.pop().connection.close()
    s.until(lambda: server.open == 0, "all to end")
    livery.term()

    # ---- a server that is dead, and sessions
    two = websocket.Server()
    livery = several("servers", ["http://127.0.0.1:1", server.url, two.url],
                     session="insert", session_secret='a-secret-of-ours')
    for _ in range(4):
        client = opened(livery.connect())
        echoes(client, 10)
        client.connection.close()
    cookies = {}
    for _ in range(20):
        before = len(server.heads)
        client = opened(livery.connect(), fields=[("X-Any", "1")])
        cookie = client.fields.get("set-cookie", "").split(";")[0]
        cookies[cookie] = len(server.heads) > before
        client.connection.close()
    s.equal(sorted(cookies.values()), [False, True], "a cookie for each")
    for cookie, is_first in list(cookies.items()) * 3:
        before = len(server.heads)
        opened(livery.connect(), fields=[("Cookie", cookie)]) \
            .connection.close()
        s.equal(len(server.heads) > before, is_first, "where it was")
        s.check("livery" not in (server if is_first else two).heads[-1]
                .partition("Cookie:")[2], "our cookie stays here")
    livery.term()

    # ---- clients by TLS, and named by a balancer
    authority = Authority(s)
    authority.sign("first", "www.example.org")
    livery = s.livery(
        server, upstream_options={"upgrade_idle": "%dms" % s.within(1500)},
        limits={"upgrade_grace": "1s"},
        more="certificate first { file = first.pem key = first.key }",
        top={"listen": ["127.0.0.1:0 tls", "127.0.0.1:0 proxy_protocol",
                        "unix:" + s.path("l")]})
    ports = [("127.0.0.1", int(line.rpartition(":")[2]))
             for line in livery.said().splitlines()
             if line.startswith("listening on http")]

    def secure():
        return Secure(ports[0], "www.example.org", authority.file)

    def named():
        connection = Connection(ports[1])
        connection.send("PROXY TCP4 9.8.7.6 1.1.1.1 1 80\r\n")
        return connection

    def local():
        return Connection(s.path("l"))

    for come in (secure, named, local):
        client = opened(come())
        for size in (0, 5, 70000, 1 << 20):
            echoes(client, size)
        for n in range(1000):
            client.say(b"%d" % n)
        s.equal([client.read()[1] for _ in range(1000)],
                [b"%d" % n for n in range(1000)])
        client.say(b"", websocket.CLOSE)
        s.equal(client.read()[0], websocket.CLOSE)
        s.equal(client.connection.socket.recv(10), b"", "the end")
        client.connection.close()
        s.until(lambda: server.open == 0, "the end of the server's side")
        # who leaves without a word
        opened(come(), "/listen").connection.close()
        s.until(lambda: server.open == 0, "a client that left", within=4)
        # all that the server said before it ended
        client = opened(come(), "/bye")
        s.equal(client.read()[1], b"bye" * 100000)
        s.equal(client.connection.socket.recv(10), b"", "its end")
        client.connection.close()
        # and silence
        client = opened(come())
        s.equal(client.connection.socket.recv(10), b"", "the end of silence")
        client.connection.close()
    s.check("X-Forwarded-For: 9.8.7.6" in " ".join(server.heads), "named")
    s.check("X-Forwarded-Proto: https" in " ".join(server.heads), "https")

    # ---- many that come, are refused, end and leave as they like
    def come_and_go(seed, until):
        chance = random.Random(seed)
        while time.monotonic() < until:
            try:
                client = websocket.Client(
                    chance.choice((secure, named, local))(), chance.choice(
                        ("/echo", "/flood", "/bye", "/listen", "/half",
                         "/refuse", "/early", "/wrong", "/cut")))
                if client.is_granted:
                    client.say(b"x" * chance.choice((1, 1000, 100000)))
                    client.connection.socket.recv(chance.choice((1, 10000)))
                if chance.random() < 0.3:
                    client.connection.socket.shutdown(socket.SHUT_WR)
                elif chance.random() < 0.2:
                    client.connection.socket.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
                client.connection.close()
            except (OSError, Broken):
                pass

    until = time.monotonic() + 3
    guests = [threading.Thread(target=come_and_go, args=(seed, until))
              for seed in range(12)]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join()
    s.until(lambda: not livery.requests() and server.open == 0 and
            livery.metrics()["upgraded"] == 0, "all to be gone", within=20)

    # ---- hundreds
    before = livery.rss_kb()
    clients = [opened(named()) for _ in range(MANY)]
    for client in clients:
        client.say(b"x" * 1000)
    for client in clients:
        s.equal(client.read()[1], b"x" * 1000)
    s.until(lambda: livery.metrics()["upgraded"] == MANY, "the gauge")
    grown = livery.rss_kb() - before
    print("memory of one: %d kB" % (grown // MANY))
    s.check(grown < MANY * 256 * s.within(1), "grew by %d kB" % grown)
    busy = livery.cpu_seconds()
    time.sleep(s.within(0.5))
    s.check(livery.cpu_seconds() - busy < 0.2 * s.within(1),
            "idle ones cost %.2f s" % (livery.cpu_seconds() - busy))
    tls = [opened(secure()) for _ in range(5)]
    livery.send(signal.SIGTERM)
    livery.end(within=8)
    s.until(lambda: server.open == 0, "all to end")
