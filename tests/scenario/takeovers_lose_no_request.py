"""A new livery takes the listening sockets of the one that runs, five times
under load: of 20,000 requests none is lost, kept connections or not, by TCP, by
a unix socket, by TLS and behind a balancer; the sockets' files stay, and each
old one ends by itself when its last connection has."""
import os
import socket
import time

from lib import Authority, Connection, Livery, Scenario, Secure, SLOW

PROXY = b"PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


with Scenario() as s:
    origin = s.origin()
    ports = [free_port() for _ in range(4)]
    pem, key = Authority(s).sign("first", "www.example.org")
    path = s.path("l")
    conf = s.conf(origin, top={
        "listen": ["127.0.0.1:%d" % ports[0], "unix:%s mode=0600" % path,
                   "127.0.0.1:%d proxy_protocol" % ports[1],
                   "127.0.0.1:%d tls" % ports[3]],
        "admin": "127.0.0.1:%d" % ports[2],
        "takeover": s.path("takeover"), "drain_timeout": "60s"},
        limits={"keepalive_timeout": "4s"},
        more="certificate first { file = %s key = %s }\n" % (pem, key))
    livery = s.livery_with("-c", conf)
    livery.get("/hit.txt?max-age=3600").must(200)
    seconds, rate = 10 * SLOW, int(2000 / SLOW)

    class At:
        """What crowd wants to know."""
        def __init__(self, at):
            self.at = at

    tcp, local = At(("127.0.0.1", ports[0])), At(path)
    loads = [
        s.crowd(at, target, "-r", rate * share // 10, "-t", seconds, *words,
                wait=False)
        for at, target, share, words in (
            (tcp, "/hit.txt?max-age=3600", 4, ("-k", "--once")),
            (tcp, "/hit.txt?max-age=3600", 2, ()),
            (tcp, "/miss%d.txt?cc=no-store", 1, ("-k", "--once")),
            (local, "/hit.txt?max-age=3600", 2, ("-k", "--once")),
            (local, "/miss%d.txt?cc=no-store", 1, ()))]
    began = time.monotonic()
    old = []
    for round_ in range(5):
        s.until(lambda: time.monotonic() - began >=
                seconds * (round_ + 0.5) / 6, "its time")
        # a connection that has asked already, and one that has said nothing
        asked = Connection(("127.0.0.1", ports[1]))
        asked.send(PROXY)
        asked.get("/hit.txt?max-age=3600").must(200)
        silent = Connection(("127.0.0.1", ports[1]))
        waits = Connection(("127.0.0.1", ports[0]))
        sealed = Secure(("127.0.0.1", ports[3]))
        sealed.get("/hit.txt?max-age=3600").must(200)
        inode = os.stat(path).st_ino
        old.append(livery)
        livery = Livery(s, s.name("livery"), livery.words +
                        ([] if "--takeover" in livery.words
                         else ["--takeover"]), livery.env)
        s.equal(os.stat(path).st_ino, inode, "the socket's file")
        s.check("took over from process %d" % old[-1].pid in livery.errors(),
                livery.errors())
        answer = asked.get("/hit.txt?max-age=3600").must(200)
        s.equal(answer.get("Connection"), "close", "the last answer")
        s.check(asked.closed(), "it is closed then")
        answer = sealed.get("/hit.txt?max-age=3600").must(200)
        s.equal(answer.get("Connection"), "close", "the last answer by TLS")
        with Secure(("127.0.0.1", ports[3])) as connection:
            connection.get("/hit.txt?max-age=3600").must(200)
        silent.send(PROXY)
        silent.get("/hit.txt?max-age=3600").must(200)
        waits.get("/hit.txt?max-age=3600").must(200)
        with Connection(("127.0.0.1", ports[1])) as connection:
            connection.send(PROXY)
            connection.get("/hit.txt?max-age=3600").must(200, cache="hit")
        for connection in (asked, silent, waits, sealed):
            connection.close()
        s.equal(livery.ask_admin("/health").must(200).text, "ok\n")
    asked = 0
    for load in loads:
        figures = load()
        s.equal(figures["failed"], 0, figures["why"])
        s.equal(list(figures["status"]), ["200"])
        asked += figures["requests"]
    s.check(asked >= int(seconds) * rate * 0.95, "%d requests" % asked)
    for gone in old:
        s.equal(gone.process.wait(30 * SLOW), 0, "the end of an old one")
        s.check("has taken over" in gone.errors(), gone.errors())
    s.check(os.path.exists(path), "the last one's socket is there")
    with Connection(path) as connection:
        connection.get("/hit.txt?max-age=3600").must(200, cache="hit")
    livery.term()
    s.check(not os.path.exists(path), "who has it last removes it")
    s.check(not os.path.exists(s.path("takeover")), "and the other one")
