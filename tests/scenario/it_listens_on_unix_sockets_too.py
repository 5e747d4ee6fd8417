"""A unix socket and a TCP port side by side; both ends of the way may be unix
sockets."""
import grp
import os
import pwd
import stat
import subprocess
from lib import Connection, Origin, Scenario, TOOLS

with Scenario() as s:
    path, upstream = s.path("livery.sock"), s.path("origin.sock")
    origin = s.start([os.path.join(TOOLS, "origin"), "--unix", upstream])
    origin.line("unix ")
    livery = s.livery("unix:" + upstream, top={
        "listen": ["unix:" + path, "127.0.0.1:0"], "unix_mode": "0600"})
    addresses = [line[13:] for line in livery.said().splitlines()
                 if line.startswith("listening on ")]
    s.equal(addresses[0], "unix:" + path)
    s.equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "mode")
    port = int(addresses[1].rpartition(":")[2])
    for at in (path, ("127.0.0.1", port)):
        with Connection(at) as client:
            client.get("/p?max-age=60").must(200, has="Page /p")
            client.get("/p?max-age=60").must(200, cache="hit")
    with Connection(path) as client:
        head = client.get("/echo-head").must(200).text
    s.check("X-Forwarded-For" not in head, head)
    livery.term()
    s.check(not os.path.exists(path), "the socket is still there")
    # One that a killed livery left behind is no obstacle.
    livery = livery.again()
    livery.kill()
    s.check(os.path.exists(path), "it was swept away by SIGKILL?")
    livery.again().get("/p?max-age=60").must(200, cache="hit")

    # Words of one socket: its mode, group and owner, before anybody connects.
    group = os.getgroups()[0] if os.getgroups() else os.getgid()
    name = "livery-%d" % os.getpid()
    other = s.livery("unix:" + upstream, cache={"file": s.path("2.db")}, top={
        "listen": ["unix:%s mode=0640 group=%s" % (
            s.path("a"), grp.getgrgid(group).gr_name),
            "unix:%s" % s.path("b"), "unix:@" + name], "unix_mode": "0606"})
    for path, mode in ((s.path("a"), 0o640), (s.path("b"), 0o606)):
        s.equal(stat.S_IMODE(os.stat(path).st_mode), mode, "mode")
        s.equal(os.stat(path).st_gid, group)
        with Connection(path) as client:
            client.get("/p?max-age=60").must(200, has="Page /p")
    s.check("listening on unix:@%s\n" % name in other.said(), other.said())
    with Connection("\0" + name) as client:
        client.get("/p?max-age=60").must(200, has="Page /p")
    if os.geteuid() == 0:
        other.term()
        other = s.livery("unix:" + upstream, cache={"file": s.path("2.db")},
                         top={"listen": ["unix:%s user=nobody mode=0600" %
                                         s.path("c")]})
        s.equal(os.stat(s.path("c")).st_uid, pwd.getpwnam("nobody").pw_uid)
        with Connection(s.path("c")) as client:
            client.get("/p?max-age=60").must(200, has="Page /p")
