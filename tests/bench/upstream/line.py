"""A line of 50 ms each way: pace against min(line, buffer / round trip).

tests/tools/toxic --packets delays every packet in a network namespace, so that
TCP sees the round trip. First livery's upstream is at the other end, then its
client. The buffer is `window` of the upstream, and `client_window` of limits.
What counts is the pace of some seconds once it is steady. --figure draws it.

Only the first is judged: there livery's side receives, and says how much may
be on its way. As the sender it fills its buffer when the kernel finds a third
of it free, in pieces of up to 64 KB: between two thirds and all is on its way,
and twice 64 KB of 64.
"""
import ctypes
import json
import os
import subprocess

import peers
from rig import CLIENT_CORE, TOOLS, pin

DELAY_MS = 50
ROUND_TRIP_S = 2 * DELAY_MS / 1000
LINE = 30000000  # bytes a second
# A packet of 1,500 bytes has 1,448 of the body in it.
LINE_BODY = LINE * 1448 / 1500
BUFFERS = [64 << 10, 128 << 10, 256 << 10, 512 << 10, 1 << 20, 2 << 20,
           4 << 20]
WITHIN = 0.15
SKIP_S, COUNT_S = 3.0, 2.0
CLONE_NEWNET = 0x40000000
# tests/tools/packets/packets.h
FAR, FAR_AS_SEEN = "10.2.0.1", "10.1.1.4"


def enter_namespace(s):
    """This process and its children to come."""
    if os.geteuid() != 0:
        s.skip("a network namespace of its own needs root")
    if not os.path.exists("/dev/net/tun"):
        s.skip("there is no /dev/net/tun")
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        s.skip("no network namespace: %s" % os.strerror(ctypes.get_errno()))
    # What is measured is livery's buffer, so that neither the other end's nor
    # the guessing of a congestion control must be the narrower one.
    for name, value in (("tcp_congestion_control", "reno"),
                        ("tcp_wmem", "4096 65536 33554432"),
                        ("tcp_rmem", "4096 131072 33554432")):
        with open("/proc/sys/net/ipv4/" + name, "w", encoding="ascii") as f:
            f.write(value)


def start_line(s):
    from lib import Connection
    process = s.start([os.path.join(TOOLS, "toxic"), "--packets"])
    control = Connection(("127.0.0.1", int(process.line("control "))))
    control.send("delay=%d rate=%d\n" % (DELAY_MS, LINE))
    s.equal(control.until(b"\n"), b"ok")
    return control


def pace_of(host, port):
    """Bytes a second, once it is steady."""
    done = subprocess.run(
        ["taskset", "-c", str(CLIENT_CORE), os.path.join(TOOLS, "haul"),
         "get", "--skip", str(SKIP_S), "--seconds", str(COUNT_S),
         "%s:%d" % (host, port), "/far/4000000000"], stdout=subprocess.PIPE,
        check=True)
    said = json.loads(done.stdout)
    return said["bytes"] / said["seconds"]


def expected(buffer):
    return min(LINE_BODY, buffer / ROUND_TRIP_S)


def start(s, origin_port, far_upstream, number, buffer):
    """None when there is no such option."""
    options = {"window": buffer} if far_upstream and buffer else {}
    limits = {"client_window": buffer} \
        if not far_upstream and buffer else {}
    url = "http://%s:%d" % (FAR_AS_SEEN if far_upstream else FAR,
                            origin_port)
    return peers.livery_if_known(
        s, url, upstream_options=options, limits=limits,
        file="line%d.conf" % number,
        cache={"file": s.path("cache", "line%d.db" % number)},
        top={"listen": ["0.0.0.0:0"]})


def series(s, origin_port, far_upstream):
    """Buffer (None: as the kernel likes) -> pace."""
    found = {}
    for buffer in [None] + BUFFERS:
        livery = start(s, origin_port, far_upstream, len(s.processes),
                       buffer)
        if livery is None:
            break
        pin(livery.pid, CLIENT_CORE)
        found[buffer] = pace_of("127.0.0.1" if far_upstream else FAR_AS_SEEN,
                                livery.port)
        livery.kill()
    return found


def size(buffer):
    return "%d KB" % (buffer >> 10) if buffer < 1 << 20 else \
        "%d MB" % (buffer >> 20)


def told(buffer, found, judge):
    if buffer not in found:
        return "not yet: no such option"
    ratio = found[buffer] / expected(buffer)
    return "%.1f (%.2f%s)" % (
        found[buffer] / 1e6, ratio,
        ": MISSED" if judge and abs(ratio - 1) > WITHIN else "")


def tell(upstream, client):
    print("| buffer | min(line, buffer / round trip), MB/s | the upstream at "
          "the far end, MB/s (of it) | the client |\n|---|---|---|---|")
    for buffer in BUFFERS:
        print("| %s | %.1f | %s | %s |" % (
            size(buffer), expected(buffer) / 1e6,
            told(buffer, upstream, True), told(buffer, client, False)))
    print("| the kernel's choice | %.1f | %.1f | %.1f |" % (
        LINE_BODY / 1e6, upstream[None] / 1e6, client[None] / 1e6))
    print("\nA line of %d MB/s, %d ms each way. Of the first, within %d %% of "
          "the formula is wanted." % (LINE / 1e6, DELAY_MS, WITHIN * 100))


def run(s, wanted):
    enter_namespace(s)
    control = start_line(s)
    origin = peers.haul(s, "--at", FAR)
    upstream = series(s, origin.port, True)
    client = series(s, origin.port, False)
    control.close()
    tell(upstream, client)
    if wanted.figure:
        import figure
        figure.draw(wanted.figure, BUFFERS, size, expected, [
            ("its upstream at the far end", upstream),
            ("its client at the far end", client)])
