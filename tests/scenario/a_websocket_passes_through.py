"""A WebSocket passes: frames of every size both ways, until either side ends;
over a unix socket and TLS as well; what is refused is an answer as ever."""
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from lib import SOURCE, Scenario

sys.path.insert(0, os.path.join(SOURCE, "tests/tools"))
sys.dont_write_bytecode = True
import websocket    # noqa: E402

with Scenario() as s:
    server = websocket.Server()
    livery = s.livery(server, upstream_options={
        "upgrade_idle": "%dms" % s.within(1500)},
        limits={"upgrade_grace": "1s"})

    def opened(target, where=None, **more):
        client = websocket.Client((where or livery).connect(), target, **more)
        s.check(client.is_granted, "granted:\n%s" % client.head)
        return client

    def ends(client, what, within=5):
        """It does, with nothing more said."""
        client.connection.socket.settimeout(s.within(within))
        try:
            s.equal(client.connection.socket.recv(65536), b"", what)
        except ConnectionResetError:
            pass

    # The handshake, as it goes and comes.
    client = opened("/echo?a=b", fields=[
        ("Sec-WebSocket-Protocol", "chat"), ("Cookie", "session=1"),
        ("Origin", "http://www.example.org"), ("X-Forwarded-For", "9.9.9.9"),
        ("X-Forwarded-Host", "evil.test")])
    head = server.heads[-1]
    for line in ("GET /echo?a=b HTTP/1.1", "Host: www.example.org",
                 "Connection: Upgrade", "Upgrade: websocket",
                 "Cookie: session=1", "X-Forwarded-Proto: http",
                 "X-Forwarded-Host: www.example.org",
                 "Sec-WebSocket-Protocol: chat"):
        s.equal(head.split("\r\n").count(line), 1, line)
    s.check("evil.test" not in head and "Via: 1.1 livery" in head, head)
    s.equal(client.fields.get("upgrade"), "websocket")
    s.equal(client.fields.get("connection"), "Upgrade")
    s.equal(client.fields.get("sec-websocket-protocol"), "chat")
    s.equal(client.fields.get("x-mine"), "yes")
    s.until(lambda: livery.metrics()["upgraded"] == 1, "the gauge")
    s.equal([r["stage"] for r in livery.requests()], ["upgraded"])

    # Frames of many sizes, and many at a time.
    for size in (0, 1, 125, 126, 65535, 65536, 1 << 20):
        said = os.urandom(size)
        client.say(said)
        s.equal(client.read() == (websocket.BINARY, said), True,
                "a frame of %d bytes comes back" % size)
    sender = threading.Thread(target=lambda: [
        client.say(b"%d" % n) for n in range(5000)])
    sender.start()
    s.equal([client.read()[1] for _ in range(5000)],
            [b"%d" % n for n in range(5000)])
    sender.join()
    # The client goes: so does the upstream's connection, and it is logged.
    client.say(b"", websocket.CLOSE)
    s.equal(client.read()[0], websocket.CLOSE)
    ends(client, "the end after a close frame")
    client.connection.close()
    s.until(lambda: server.open == 0, "the upstream's connection to end")
    s.until(lambda: livery.metrics()["upgraded"] == 0, "the end")
    s.until(lambda: " 101 " in open(s.path("access.log"),
                                    encoding="utf-8").read(), "a log line")
    line = open(s.path("access.log"), encoding="utf-8").read()
    s.check(int(line.split(" 101 ")[1].split()[0]) > 1 << 20, line)

    # Without a word.
    client = opened("/listen")
    client.say(b"x" * 100000)
    s.until(lambda: server.heard > 100000, "what the client said")
    client.connection.close()
    s.until(lambda: server.open == 0, "a client that left to be noticed")
    # The upstream ends: all that it said comes before.
    client = opened("/bye")
    s.equal(client.read(), (websocket.TEXT, b"bye" * 100000))
    ends(client, "the end of the upstream")
    # Its first words come in one piece with its head; so may the client's.
    client = opened("/early")
    s.equal(client.read(), (websocket.TEXT, b"early"))
    client.connection.close()
    with livery.connect() as early:
        early.send(websocket.handshake("/echo")[0].encode() +
                   websocket.frame(b"at once", mask=b"abcd"))
        early.read_head()
        s.equal(websocket.Frames(early.socket, early.buffer).read()[1],
                b"at once")
    # One side may end first, also in the moment that it hears of its 101.
    for _ in range(30):
        client = opened("/half")
        client.connection.send(b"all that I say")
        client.connection.socket.shutdown(socket.SHUT_WR)
        s.equal(client.frames.exactly(14), b"all that I say")
        ends(client, "the end after both")

    # A reader that is slow stops the writer, in little memory.
    before = livery.rss_kb()
    client = websocket.Client(livery.connect(receive_buffer=4096), "/flood")
    time.sleep(s.within(1))
    grown = livery.rss_kb() - before
    s.check(grown < 4096 * s.within(1), "memory grew by %d kB" % grown)
    for _ in range(200):
        s.equal(client.read()[1] == websocket.PIECE, True, "a piece")
    client.connection.close()
    # And a server that does not read stops the client: /flood never does.
    client = opened("/flood")
    client.connection.socket.settimeout(s.within(1))
    sent = 0
    try:
        while sent < 200 << 20:
            sent += client.connection.socket.send(websocket.PIECE)
    except socket.timeout:
        pass
    s.check(sent < 100 << 20, "%d bytes were taken" % sent)
    client.connection.close()
    s.until(lambda: server.open == 0, "both to end")

    # Who reads nothing of it holds its place for send_timeout, and no longer.
    lazy = s.livery(server, upstream_options={"upgrade_idle": "500ms"},
                    limits={"send_timeout": "%dms" % s.within(1000)},
                    file="lazy.conf", cache={"file": s.path("lazy.db")})
    client = websocket.Client(lazy.connect(receive_buffer=4096), "/flood")
    s.until(lambda: server.open == 0, "the upstream to end")
    s.until(lambda: lazy.metrics()["upgraded"] == 0, "its place to be free")
    s.equal(lazy.requests(), [])
    client.connection.close()
    lazy.term()

    # Silence ends it, and words keep it.
    client = opened("/echo")
    began = time.monotonic()
    while time.monotonic() - began < s.within(2):
        client.say(b"ping")
        s.equal(client.read()[1], b"ping")
        time.sleep(s.within(0.2))
    began = time.monotonic()
    ends(client, "the end after silence", within=9)
    s.check(time.monotonic() - began > s.within(1), "not at once")
    s.equal(livery.metrics()["upgrades_idle_total"], 1.0)

    # What is refused is an answer, and its connection ends.
    for path, status, body in (("/refuse", 403, "not for you"),
                               ("/length", 401, "who?\n"),
                               ("/plain", 200, "a page")):
        with livery.connect() as client:
            client.send(websocket.handshake(path)[0])
            answer = client.read().must(status)
            s.equal(answer.text, body)
            s.equal(answer.get("X-T"), None)
            s.check(client.closed(), "the end of a refused one")
    # Nothing passes before a 101 that means what was asked.
    server.heard = 0
    for path in ("/wrong", "/other", "/cut"):
        with livery.connect() as client:
            client.send(websocket.handshake(path)[0].encode() +
                        b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
            client.read().must(502)
            s.check(client.closed(), "the end")
    s.equal(server.heard, 0, "bytes that were let through")
    s.check(not [h for h in server.heads if "smuggled" in h], "no request")

    # A reload leaves it alone; `requests kill` ends it; so does the end.
    client = opened("/echo")
    s.check(livery.reload(), "the reload")
    client.say(b"still here")
    s.equal(client.read()[1], b"still here")
    status, _, said = s.run(
        "requests", "--admin", "%s:%d" % livery.admin, "kill",
        str(livery.requests()[0]["id"]))
    s.equal(status, 0, said)
    ends(client, "a killed one", within=2)
    client.connection.close()
    s.until(lambda: not livery.requests(), "it to be gone")
    client, began = opened("/echo"), time.monotonic()
    livery.send(signal.SIGTERM)
    client.say(b"a last word")
    s.equal(client.read()[1], b"a last word")
    ends(client, "the end of all", within=2.5)
    client.connection.close()
    livery.end(within=8)
    s.check(time.monotonic() - began < s.within(4), "after its grace")
    # At once, if there is no time.
    livery = livery.again()
    clients = [opened("/flood", where=livery) for _ in range(5)]
    livery.send(signal.SIGTERM)
    livery.end(within=8)

    # A site may let none through, and there is a limit.
    off = s.livery(server, site={"upgrade": "off"}, file="off.conf",
                   cache={"file": s.path("off.db")})
    with off.connect() as client:
        client.send(websocket.handshake("/plain")[0])
        s.equal(client.read().must(200).text, "a page")
    s.check("Upgrade" not in server.heads[-1], server.heads[-1])
    off.term()
    # Where none gets through, none counts.
    off = s.livery(server, site={"upgrade": "off"}, file="off.conf",
                   limits={"upgrade_max": 0}, cache={"file": s.path("off.db")})
    with off.connect() as client:
        client.send(websocket.handshake("/plain")[0])
        s.equal(client.read().must(200).text, "a page")
        s.check(client.closed(), "what comes behind was not meant so")
    off.term()
    few = s.livery(server, limits={"upgrade_max": 2, "upgrade_grace": 0},
                   file="few.conf", cache={"file": s.path("few.db")})
    clients = [opened("/echo", where=few) for _ in range(2)]
    refused = websocket.Client(few.connect(), "/echo")
    s.equal(refused.status, 503)
    clients[0].connection.close()
    s.until(lambda: few.metrics()["upgraded"] == 1, "one to end")
    opened("/echo", where=few).say(b"x")
    few.term()

    # Other ways to the upstream.
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "2", "-subj", "/CN=127.0.0.1", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", s.path("key.pem"), "-out",
         s.path("cert.pem")], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(s.path("cert.pem"), s.path("key.pem"))
    context.set_alpn_protocols(["http/1.1"])
    for name, there, options in (
            ("unix", websocket.Server(at=s.path("upstream")), {}),
            ("tls", websocket.Server(context=context),
             {"ca_file": s.path("cert.pem")}),
            ("http2", websocket.Server(context=context),
             {"ca_file": s.path("cert.pem"), "http2": True})):
        one = s.livery(there, upstream_options=options, file=name + ".conf",
                       cache={"file": s.path(name + ".db")})
        client = opened("/echo", where=one)
        for size in (5, 70000, 1 << 20):
            said = os.urandom(size)
            client.say(said)
            s.equal(client.read()[1] == said, True, name)
        client.connection.close()
        s.until(lambda: there.open == 0, "the end over " + name, within=4)
        one.term()
    # Nobody there.
    one = s.livery("http://127.0.0.1:1", file="none.conf",
                   cache={"file": s.path("none.db")})
    with one.connect() as client:
        client.send(websocket.handshake("/echo")[0])
        client.read().must(502)
