"""Standard output and standard error are pipes that nobody reads: requests go
on, what has no room is counted, and TERM ends it all the same."""
import signal
import subprocess
import time
from lib import LIVERY, Connection, Scenario, _die_with_parent, fetch


def is_open(path):
    try:
        with Connection(path):
            return True
    except OSError:
        return False


with Scenario() as s:
    origin = s.origin()
    at = s.path("l")
    admin = s.path("a")
    conf = s.conf(origin, top={"listen": ["unix:" + at], "access_log": "-",
                               "admin": "unix:" + admin},
                  cache={"file": "none"})
    livery = subprocess.Popen(
        [LIVERY, "serve", "-c", conf],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=s.environment(), cwd=s.folder,
        preexec_fn=_die_with_parent)
    try:
        s.until(lambda: is_open(admin) and is_open(at), "the listeners")
        # 64 KiB are full after this, and lines of 700 bytes go on coming.
        agent = {"User-Agent": "x" * 600}
        with Connection(at) as client:
            for _ in range(3000):
                client.get("/h.txt?max-age=999&size=10",
                           fields=agent).must(200, within=1)
        # HUP says a line for each mistake, more than the pipe holds.
        s.conf(origin, more="nonsense = 1\n" * 3000)
        livery.send_signal(signal.SIGHUP)

        def dropped():
            fetch(at, "/h.txt?max-age=999&size=10").must(200, within=1)
            text = fetch(admin, "/metrics", host="127.0.0.1").text
            return "livery_error_log_dropped_total 0\n" not in text
        s.until(dropped, "error lines that are dropped")
        livery.terminate()
        began = time.monotonic()
        s.equal(livery.wait(10 * s.within(1)), 0, "exit status")
        s.check(time.monotonic() - began < s.within(5), "it took %.1f s" %
                (time.monotonic() - began))
        # What is in the pipe is whole lines, but for the last perhaps.
        lines = livery.stdout.read().split(b"\n")
        s.check(len(lines) > 50, "%d lines" % len(lines))
        for line in lines[4:-1]:
            s.check(b'"GET /h.txt' in line and line.endswith(b'"'), line)
    finally:
        if livery.poll() is None:
            livery.kill()
