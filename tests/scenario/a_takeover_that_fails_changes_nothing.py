"""Who cannot start, says something else or breaks off takes over nothing: the
one that runs goes on, with its sockets and their files, and tells of it. USR2
starts the next one from its place, tells the service manager which is the main
process, and finishes a long download; without `takeover` it does nothing."""
import array
import os
import re
import signal
import socket

from lib import Connection, Scenario, fetch


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


with Scenario() as s:
    origin = s.origin()
    port, admin = free_port(), free_port()
    path, where = s.path("l"), s.path("takeover")
    top = {"listen": ["127.0.0.1:%d" % port, "unix:" + path],
           "admin": "127.0.0.1:%d" % admin, "takeover": where,
           "drain_timeout": "60s"}
    conf = s.conf(origin, top=top)
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(s.path("notify"))
    manager.settimeout(s.within(10))
    env = dict(s.environment(), NOTIFY_SOCKET=s.path("notify"))
    # whoever starts it may ignore the ends of children
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    livery = s.livery_with("-c", conf, env=env)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    s.equal(manager.recv(100), b"READY=1")
    livery.get("/p.txt?max-age=3600").must(200)
    s.equal(os.stat(where).st_mode & 0o777, 0o600)

    def goes_on():
        for at in (("127.0.0.1", port), path):
            with Connection(at) as connection:
                connection.get("/p.txt?max-age=3600").must(200, cache="hit")
                connection.get("/p.txt?max-age=3600").must(200, cache="hit")
        s.equal(livery.ask_admin("/health").must(200).text, "ok\n")

    # a configuration with a mistake, and one that cannot be held
    wrong = s.conf(origin, top=dict(top, nonsense="1"), file="wrong.conf")
    status, _, said = s.run("serve", "--takeover", "-c", wrong)
    s.equal(status, 2, said)
    goes_on()
    taken = socket.create_server(("127.0.0.1", 0))
    wrong = s.conf(origin, file="wrong.conf", top=dict(
        top, listen=top["listen"] +
        ["127.0.0.1:%d" % taken.getsockname()[1]]))
    status, _, said = s.run("serve", "--takeover", "-c", wrong)
    s.equal(status, 1, said)
    s.check("cannot listen" in said, said)
    goes_on()
    s.until(lambda: "it ended before it said 'accepting'" in livery.errors(),
            "it to be told")
    livery.problem("it ended before it said 'accepting'")
    status, _, said = s.run("serve", "--takeover", "-c",
                            s.conf(origin, file="wrong.conf"))
    s.equal(status, 2, said)
    s.check("takeover" in said, said)

    # who says something else, or nothing
    def caller():
        to = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        to.settimeout(s.within(10))
        to.connect(where)
        return to
    with caller() as to:
        to.send(b"takeover 99")
        s.check(b"no: " in to.recv(300), "refused")
        s.equal(to.recv(300), b"")
    with caller() as to:
        to.send(b"takeover 1")
        words = []
        while not words or not words[-1].startswith(b"all "):
            text, more, _, _ = to.recvmsg(300, 100)
            words.append(text)
            for _, _, data in more:
                for fd in array.array("i", data):
                    os.close(fd)
        s.equal(words[-1], b"all %d" % (len(words) - 1))
        s.equal(words.count(b"socket owned"), 1)
    goes_on()

    # USR2, with a mistake, and without
    with open(conf, encoding="utf-8") as file:
        good = file.read()
    s.write("livery.conf", good + "\nnonsense = 1\n")
    livery.send(signal.SIGUSR2)
    s.until(lambda: "which was to take over, ended with status 2" in
            livery.errors(), "the next one to fail")
    goes_on()
    s.write("livery.conf", good)
    long = Connection(("127.0.0.1", port), receive_buffer=4096)
    long.ask("/big.bin?size=30000000&cc=no-store")
    long.read_head()
    livery.send(signal.SIGUSR2)
    s.until(lambda: "has taken over" in livery.errors(), "the next one")
    pid = int(re.findall(r"process (\d+) has taken over",
                         livery.errors())[0])
    try:
        s.equal(manager.recv(100), b"MAINPID=%d" % pid)
        s.equal(manager.recv(100), b"READY=1")
        # whoever replaces it may tell it to end, at that very moment; that
        # is the first word, not the second, which would not wait
        livery.send(signal.SIGTERM)
        livery.send(signal.SIGUSR1)
        livery.send(signal.SIGHUP)
        fetch(("127.0.0.1", port), "/p.txt?max-age=3600").must(
            200, cache="hit")
        fetch(path, "/p.txt?max-age=3600").must(200, cache="hit")
        s.check(livery.is_running(), "it has a download in hand")
        s.equal(len(long.exactly(30000000)), 30000000)
        # the head has said that the connection stays, so it does
        answer = long.get("/p.txt?max-age=3600").must(200)
        s.equal(answer.get("Connection"), "close")
        s.check(long.closed(), "closed behind it")
        s.equal(livery.process.wait(s.within(30)), 0)
        fetch(path, "/p.txt?max-age=3600").must(200, cache="hit")
        fetch(("127.0.0.1", admin), "/health", host="127.0.0.1").must(200)
        os.kill(pid, signal.SIGTERM)
        s.until(lambda: not os.path.exists(path), "it to end")
        s.equal(manager.recv(100), b"STOPPING=1")
    finally:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    # the old one is told to end while the next one starts, and takes the
    # file of its socket along, before the next one is told
    livery = s.livery_with("-c", conf)
    long = Connection(("127.0.0.1", port), receive_buffer=4096)
    long.ask("/big.bin?size=30000000&cc=no-store")
    long.read_head()
    with caller() as to:
        to.send(b"takeover 1")
        while not to.recv(300).startswith(b"all "):
            pass
        livery.send(signal.SIGTERM)
        s.equal(to.recv(300), b"")
        s.check(not os.path.exists(path), "its file")
        s.check(livery.is_running(), "it has a download in hand")
        long.close()
        s.equal(livery.process.wait(s.within(30)), 0)

    # somebody has removed the file of its socket: the next one makes another
    old = s.livery_with("-c", conf)
    os.unlink(path)
    livery = s.livery_with("-c", conf, "--takeover")
    s.check("took over from process %d" % old.pid in livery.errors(),
            livery.errors())
    goes_on()
    s.equal(old.process.wait(s.within(30)), 0)
    goes_on()
    livery.term()
    s.check(not os.path.exists(path), "its file")

    # nobody there, and nobody to come
    livery = s.livery_with("-c", conf, "--takeover")
    s.check("nobody answers at" in livery.errors(), livery.errors())
    livery.term()
    livery = s.livery(origin)
    livery.send(signal.SIGUSR2)
    s.until(lambda: "`takeover` names no socket" in livery.errors(), "a word")
    livery.get("/p.txt?max-age=3600").must(200)
