"""1 GB down and 1 GB up: how fast it passes, and what livery needs for it.

The server has one core, both ends share the other. What is thrown away is not
copied by who throws it away. Medians of interleaved rounds; the pace of nginx
is that of its defaults (a download through its buffers, an upload taken whole
into a file first) and, "through", with both buffers off.
"""
import json
import os
import re
import statistics
import subprocess
import threading
import time

import peers
from rig import CLIENT_CORE, TOOLS, Server

BYTES = 1000000000
LEAST = 0.8         # of nginx's pace, the faster of both ways
MEMORY_MOST = 16.0  # MB, more than before
WAYS = ("download", "upload")


def memory_kb(pid, what):
    with open("/proc/%d/status" % pid, encoding="ascii") as status:
        return int(re.search(what + r":\s+(\d+)", status.read()).group(1))


class Watch:
    """The most that a process had resident while it was watched."""

    def __init__(self, pid):
        self.pid, self.most, self.ends = pid, 0, False
        self.before = memory_kb(pid, "VmRSS")
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while not self.ends:
            self.most = max(self.most, memory_kb(self.pid, "VmRSS"))
            time.sleep(0.01)

    def end(self):
        self.ends = True
        self.thread.join()
        return (max(self.most, memory_kb(self.pid, "VmRSS")) -
                self.before) / 1024


def haul(way, server, target):
    """Bytes a second, and the core's time for them."""
    words = ["get", "127.0.0.1:%d" % server.port, target] \
        if way == "download" else \
        ["put", "127.0.0.1:%d" % server.port, target, str(BYTES)]
    done = subprocess.run(
        ["taskset", "-c", str(CLIENT_CORE), os.path.join(TOOLS, "haul")] +
        words, stdout=subprocess.PIPE, check=False)
    said = json.loads(done.stdout or "{}")
    if done.returncode != 0 or said.get("bytes") != BYTES:
        raise SystemExit("%s: %s went wrong: %s" % (server.name, way, said))
    return said["bytes"] / said["seconds"]


def servers(s):
    origin = peers.haul(s)
    process = s.livery(origin, top={"threads": 1, "workers": 2},
                       limits={"body_max": "4G"})
    small = {"1 KB": "/json/1024"}
    found = [("livery", Server("livery", process.pid, process.port, small,
                               s.path("access.log")), "")]
    nginx = peers.nginx(s, origin.port, small)
    if nginx:
        found += [("nginx, its defaults", nginx, ""),
                  ("nginx, through", nginx, "/through")]
    haproxy = peers.haproxy(s, origin.port, small)
    if haproxy:
        found.append(("HAProxy", haproxy, ""))
    return found


def measure(all_of_them, rounds):
    """(name, way) -> paces; and what livery grew by, at most."""
    pace, grew = {}, dict.fromkeys(WAYS, 0.0)
    for _ in range(rounds):
        for way in WAYS:
            for name, server, prefix in all_of_them:
                target = prefix + "/bulk/%d" % (
                    BYTES if way == "download" else 2)
                watch = Watch(server.pid)
                pace.setdefault((name, way), []).append(
                    haul(way, server, target))
                more = watch.end()
                if name == "livery":
                    grew[way] = max(grew[way], more)
    return {key: statistics.median(all_) for key, all_ in pace.items()}, grew


def run(s, wanted):
    all_of_them = servers(s)
    pace, grew = measure(all_of_them, min(wanted.rounds, 3))
    print("| 1 GB | download, MB/s | upload, MB/s | livery's pace of it, "
          "download | upload |\n|---|---|---|---|---|")
    fastest = {way: max([pace[name, way] for name, _, _ in all_of_them
                         if name.startswith("nginx")] or [0]) for way in WAYS}
    for name, _, _ in all_of_them:
        words = []
        for way in WAYS:
            ratio = pace["livery", way] / pace[name, way]
            word = "%.2f" % ratio
            if name.startswith("nginx") and pace[name, way] == fastest[way]:
                word += " (at least %.1f%s)" % (
                    LEAST, "" if ratio >= LEAST else ": MISSED")
            words.append(word)
        print("| %s | %.0f | %.0f | %s | %s |" % (
            name, pace[name, "download"] / 1e6, pace[name, "upload"] / 1e6,
            *words))
    print("\nlivery grew by %s (at most %.0f MB%s)" % (
        ", ".join("%.1f MB for the %s" % (grew[way], way) for way in WAYS),
        MEMORY_MOST, "" if max(grew.values()) <= MEMORY_MOST else ": MISSED"))
