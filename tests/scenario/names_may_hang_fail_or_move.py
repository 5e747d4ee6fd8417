"""DNS hangs, answers NXDOMAIN or SERVFAIL, and changes its mind: pages keep
coming, by the last good address, after a restart too; only pages of a name that
was never known fail, soon, and nobody else waits."""
import os
import subprocess
import sys
from lib import LIVERY, SOURCE, Connection, Livery, Process, Scenario

FAKE = os.path.join(SOURCE, "tests", "tools", "fakedns.py")


def python_with_dnslib():
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import dnslib"],
                          stderr=subprocess.DEVNULL).returncode == 0:
            return python
    return None


def inside(s):
    """In namespaces of our own: a name server that lies."""
    control = s.path("names")

    def names(text):
        s.write("names.new", text)
        os.rename(s.path("names.new"), control)

    def asked():
        try:
            with open(control + ".log", encoding="ascii") as log:
                return log.read()
        except FileNotFoundError:
            return ""

    names("cms.test 127.0.0.1\nlook.test 127.0.0.1\n")
    dns = s.start([python_with_dnslib(), FAKE, control])
    dns.line("ready")
    origin, theme = s.origin(), s.origin()
    options = dict(
        fetch={"resolve_timeout": "%dms" % s.within(500),
               "resolve_again": "30s"},
        upstream_options={"back_off_min": "1ms", "back_off_max": "1ms"})
    cms = "http://cms.test:%d" % origin.port
    look = "http://look.test:%d/theme" % theme.port
    livery = s.livery(cms, look, **options)
    livery.theme_is_live()
    livery.get("/p?max-age=60").must(200, themed=True)
    livery.theme_files_are_there(6)
    livery.stored("/p?")
    s.until(lambda: livery.value("SELECT count(*) FROM addresses") == 2,
            "both addresses in the cache file")
    for trouble in ("nxdomain", "servfail", "empty", "hang"):
        names("* %s\n" % trouble)
        before = livery.metrics()
        s.clock.forward(100)  # names are asked for again, pages are stale
        livery.get("/p?max-age=60").must(200, themed=True, within=2)
        livery.get("/never-%s" % trouble).must(
            200, themed=True, has="never", within=2)
        s.until(lambda: livery.metrics()["dns_failed_total"] >
                before["dns_failed_total"], "a look-up to fail: " + trouble)
        livery.get("/soon-%s" % trouble).must(
            200, themed=True, within=0.3)
    s.check(livery.metrics()["dns_kept_total"] > 0, livery.metrics())
    livery.problem("dns")
    # After a restart, with the names unresolvable from the start.
    for end, trouble in (("TERM", "nxdomain"), ("KILL", "hang")):
        names("* %s\n" % trouble)
        livery.kill() if end == "KILL" else livery.term()
        livery = livery.again()
        livery.get("/p?max-age=60").must(200, themed=True, within=3)
        livery.get("/after-%s" % end).must(200, themed=True, within=3)
    # It moves: the next look takes it. (A look-up that hangs has to end
    # before the next one begins, and each is followed by a pause.)
    def later(page):
        s.clock.forward(40)
        return livery.get(page)

    names("cms.test 127.0.0.2\nlook.test 127.0.0.1\n")
    s.until(lambda: later("/moved").status in (502, 504),
            "nobody listens on 127.0.0.2", within=20)
    names("cms.test 127.0.0.1\nlook.test 127.0.0.1\n")
    s.until(lambda: later("/back").status == 200, "the way back")
    livery.term()
    # A name never known hangs: its own pages fail soon, others do not wait.
    names("other.test 127.0.0.1\nlook.test 127.0.0.1\n* hang\n")
    more = """
upstream other { url = "http://other.test:%d" }
site other { hosts = { "other.example" } upstream = other }
""" % origin.port
    livery = s.livery(cms, look, more=more,
                      cache={"file": s.path("cache", "new.db")}, **options)
    livery.get("/warm", host="other.example").must(200)
    waiting = s.crowd(livery, "/hang%d", "-n", 100, wait=False)
    for page in range(20):
        livery.get("/w%d" % page, host="other.example").must(
            200, within=0.3)
    figures = waiting()
    s.equal(set(figures["status"]) <= {"502", "504"}, True, figures)
    s.check(figures["max_ms"] < s.within(3000), figures)
    # One look-up at a time for one name, whoever asks.
    s.check(asked().count("cms.test A\n") < 60, "asked too often")


with Scenario() as s:
    if os.environ.get("LIVERY_INSIDE"):
        inside(s)
    else:
        if not python_with_dnslib():
            s.skip("python3-dnslib is not installed")
        if subprocess.run(["unshare", "-mn", "true"],
                          stderr=subprocess.DEVNULL).returncode:
            s.skip("unshare -mn is not permitted here")
        resolv = s.write("resolv.conf", "nameserver 127.0.0.53\n"
                         "options timeout:1 attempts:1\n")
        hosts = s.write("hosts", "127.0.0.1 localhost\n")
        script = ("ip link set lo up 2>/dev/null || exit 77; "
                  "mount --bind %s /etc/resolv.conf && "
                  "mount --bind %s /etc/hosts || exit 77; "
                  "exec env LIVERY_INSIDE=1 %s %s" % (
                      resolv, hosts, sys.executable,
                      os.path.abspath(__file__)))
        done = subprocess.run(["unshare", "-mn", "sh", "-c", script],
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        said = done.stdout.decode("utf-8", "replace")
        if done.returncode == 77:
            s.skip(said.strip().splitlines()[-1] if said.strip() else
                   "no namespace with a name server of its own")
        s.check(done.returncode == 0, said)
