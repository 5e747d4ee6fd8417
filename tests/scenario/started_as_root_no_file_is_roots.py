"""Started as root with `user`, livery binds a port below 1024 and is that user
afterwards, in every thread; the cache file and what SQLite makes beside it are
that user's, however early the first stores come."""
import glob
import os
import pwd
import shutil
import socket
from lib import Scenario


def low_port():
    for port in range(1023, 600, -1):
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    return 0


def ids(pid):
    found = set()
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/status" % (pid, task),
                  encoding="ascii") as status:
            for line in status:
                if line.startswith("Uid:"):
                    found.update(int(word) for word in line.split()[1:])
    return found


with Scenario() as s:
    if os.geteuid() != 0:
        s.skip("that needs root")
    nobody = pwd.getpwnam("nobody")
    origin, theme = s.origin(), s.origin()
    for turn in range(5):
        shutil.rmtree(s.path("cache"), ignore_errors=True)
        os.makedirs(s.path("cache"))
        os.chown(s.path("cache"), nobody.pw_uid, nobody.pw_gid)
        livery = s.livery(origin, theme, top={
            "user": "nobody", "listen": ["127.0.0.1:%d" % low_port()]})
        s.equal(ids(livery.pid), {nobody.pw_uid}, "ids of its threads")
        livery.theme_is_live()
        livery.get("/p?max-age=6000").must(200, themed=True)
        livery.stored("/p?")
        names = glob.glob(s.path("cache", "*"))
        s.check(any(name.endswith("-wal") for name in names) and
                any(name.endswith("-shm") for name in names), names)
        for name in names:
            s.equal(os.stat(name).st_uid, nobody.pw_uid, name)
        livery.term()
