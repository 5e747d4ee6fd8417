"""Sockets that come by LISTEN_FDS are used for the `listen` with their
address, and outlive livery: who connects while it is away is answered by the
next one."""
import os
import socket
import subprocess
import sys

from lib import Connection, Livery, Scenario

# Its descriptors from 3 on are those of the words before "--".
START = """
import os, sys
end = sys.argv.index("--")
fds = [os.dup(int(word)) for word in sys.argv[1:end]]
for at, fd in enumerate(fds):
    os.dup2(fd, 3 + at)
os.environ["LISTEN_FDS"] = str(len(fds))
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[end + 1], sys.argv[end + 1:])
"""

with Scenario() as s:
    origin = s.origin()
    tcp = socket.create_server(("127.0.0.1", 0))
    local = socket.socket(socket.AF_UNIX)
    local.bind(s.path("l"))
    local.listen(16)
    spare = socket.create_server(("127.0.0.1", 0))
    port = tcp.getsockname()[1]
    conf = s.conf(origin, top={"listen": ["127.0.0.1:%d" % port,
                                          "unix:" + s.path("l")]})
    held = [tcp, local, spare]
    for fd in held:
        # out of the way of 3, 4 and 5
        os.set_inheritable(fd.fileno(), True)

    class Held(Livery):
        """Started as a service manager would."""
        def __init__(self, words, env):
            real = subprocess.Popen

            def popen(command, **more):
                more["close_fds"] = False
                return real([sys.executable, "-c", START] +
                            [str(fcntl_dup(fd)) for fd in held] +
                            ["--"] + command, **more)
            subprocess.Popen = popen
            try:
                super().__init__(s, s.name("livery"), words, env)
            finally:
                subprocess.Popen = real

    def fcntl_dup(fd):
        """A descriptor that is not one of the first."""
        import fcntl
        high = fcntl.fcntl(fd.fileno(), fcntl.F_DUPFD, 50)
        os.set_inheritable(high, True)
        return high

    os.makedirs(s.path("cache"), exist_ok=True)
    first = Held(["-c", conf], s.environment())
    s.equal(first.at, ("127.0.0.1", port))
    for at in (first.at, s.path("l")):
        with Connection(at) as connection:
            connection.get("/p.txt?max-age=60").must(200)
    s.check("%d, which no `listen` names" % spare.getsockname()[1] in
            first.errors(), "the spare one is told")
    first.term()

    # while nobody is there, clients wait
    waiting = [Connection(("127.0.0.1", port)), Connection(s.path("l"))]
    for connection in waiting:
        connection.ask("/p.txt?max-age=60")
    second = Held(["-c", conf], s.environment())
    for connection in waiting:
        connection.read().must(200)
        connection.close()
    second.term()
    s.check(os.path.exists(s.path("l")), "the socket's file is the manager's")
