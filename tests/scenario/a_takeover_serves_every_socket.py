"""Each thread listens with a socket of its own, and each socket has connections
waiting: all of them are served after a takeover, also by fewer threads, by more,
and when the listener is for a balancer now; one that no `listen` names any more
is closed with its file, and a new one is opened."""
import os
import socket

from lib import Connection, Livery, Scenario

PROXY = b"PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


with Scenario() as s:
    origin = s.origin()
    port, admin = free_port(), free_port()
    os.makedirs(s.path("cache"), exist_ok=True)

    def conf(threads, listen):
        return s.conf(origin, top={
            "threads": threads, "takeover": s.path("takeover"),
            "listen": listen, "admin": "127.0.0.1:%d" % admin}, limits={"keepalive_timeout": "1s"})

    def sockets(livery):
        """How many it listens with on that port."""
        wanted = "0100007F:%04X" % port
        with open("/proc/net/tcp", encoding="ascii") as tcp:
            inodes = {line.split()[9] for line in tcp
                      if line.split()[1] == wanted and
                      line.split()[3] == "0A"}
        mine = set()
        for fd in os.listdir("/proc/%d/fd" % livery.pid):
            try:
                mine.add(os.readlink("/proc/%d/fd/%s" % (livery.pid, fd)))
            except OSError:
                pass
        return len([i for i in inodes if "socket:[%s]" % i in mine])

    plain = "127.0.0.1:%d" % port
    livery = s.livery_with("-c", conf(4, [plain]))
    livery.get("/p.txt?max-age=3600").must(200)
    s.equal(sockets(livery), 4)
    path, was_proxied = s.path("extra"), False
    for threads, listen, proxied in (
            (1, [plain, "unix:" + path], False),
            (6, [plain, "unix:" + path], False),
            (2, [plain + " proxy_protocol"], True),
            (3, [plain], False)):
        load = None if proxied or was_proxied else s.crowd(
            livery, "/p.txt?max-age=3600", "-r", 500, "-t", s.within(2),
            wait=False)
        old, was_proxied = livery, proxied
        livery = Livery(s, s.name("livery"),
                        ["-c", conf(threads, listen), "--takeover"], old.env)
        s.equal(old.process.wait(s.within(20)), 0)
        s.equal(sockets(livery), 4, "sockets with %d threads" % threads)
        s.equal(os.path.exists(path), len(listen) == 2, "the unix socket")
        if load:
            figures = load()
            s.equal(figures["failed"], 0, figures["why"])
        # so many that each socket has some
        clients = [Connection(("127.0.0.1", port)) for _ in range(40)]
        for client in clients:
            client.send(PROXY if proxied else b"")
            client.ask("/p.txt?max-age=3600")
        for client in clients:
            client.read().must(200, cache="hit")
            client.close()
    s.check("which no `listen` names" not in livery.errors(), "all are used")
    livery.term()

    # Any free port is the same one afterwards, each of its own `listen`; so
    # is that of `admin`.
    free = s.conf(origin, file="free.conf", top={
        "takeover": s.path("takeover"), "admin": "127.0.0.1:0",
        "listen": ["127.0.0.1:0", "127.0.0.1:0 proxy_protocol"]})
    old = s.livery_with("-c", free)
    livery = Livery(s, s.name("livery"), ["-c", free, "--takeover"], old.env)
    s.equal((livery.port, livery.admin), (old.port, old.admin))
    s.equal(old.process.wait(s.within(20)), 0)
    livery.get("/p.txt?max-age=3600").must(200)
    s.check("which no `listen` names" not in livery.errors(), "all are used")
