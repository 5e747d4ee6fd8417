"""What measurements of servers share: cores, their time, who is asked.

The figure is CPU time per request: what the server's processes used, over the
requests answered; the server on the first core, who asks on the last.
"""
import json
import os
import re
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.setdefault("srcdir", os.path.dirname(os.path.dirname(
    HERE)))
BUILD = os.environ.setdefault("builddir", SOURCE)
sys.path.insert(0, os.path.join(SOURCE, "tests", "scenario"))
from lib import TOOLS, fetch  # noqa: E402

CONNECTIONS = 64
CROWD_RATE = 30000  # requests for each second of a round
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pin(pid, core):
    """The process with all its threads, and their children to be."""
    subprocess.run(["taskset", "-a", "-p", "-c", str(core), str(pid)],
                   stdout=subprocess.DEVNULL, check=False)


def tree_of(pid):
    pids = [pid]
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, task),
                  encoding="ascii") as children:
            for child in children.read().split():
                pids += tree_of(int(child))
    return pids


def cpu_us(pids):
    """Time on a core of each process, exact where the kernel tells it. One
    that is gone (nginx's cache loader) is left out."""
    used = {}
    for pid in pids:
        try:
            used[pid] = 0.0
            for task in os.listdir("/proc/%d/task" % pid):
                with open("/proc/%d/task/%s/schedstat" % (pid, task),
                          encoding="ascii") as stat:
                    used[pid] += int(stat.read().split()[0]) / 1000
        except (FileNotFoundError, ProcessLookupError):
            del used[pid]
    return used


class Server:
    scheme = "http"

    def __init__(self, name, pid, port, targets, log=None, fields=()):
        self.name, self.port, self.targets = name, port, targets
        self.log = log
        self.pid = pid
        self.by_crowd = any("If-None-Match" in field for field in fields)
        self.fields = [word for field in fields for word in ("-H", field)]
        self.pids = tree_of(pid)
        for each in self.pids:
            pin(each, SERVER_CORE)
        self.forget()

    def forget(self):
        self.cost = {size: [] for size in self.targets}
        self.rate = {size: [] for size in self.targets}

    def wrk(self, target, seconds):
        """How many requests it answered."""
        said = subprocess.run(
            ["taskset", "-c", str(CLIENT_CORE), "wrk", "-t1",
             "-c%d" % CONNECTIONS, "-d%ds" % seconds] + self.fields + [
                 "%s://127.0.0.1:%d%s" % (self.scheme, self.port, target)],
            stdout=subprocess.PIPE, check=True).stdout.decode()
        requests = int(re.search(r"(\d+) requests in", said).group(1))
        if "Non-2xx" in said or requests == 0:
            sys.exit("%s did not answer well:\n%s" % (self.name, said))
        return requests

    def crowd(self, target, seconds):
        """The same; wrk waits for the body of a 304 that has a length."""
        said = json.loads(subprocess.run(
            ["taskset", "-c", str(CLIENT_CORE),
             os.path.join(TOOLS, "crowd"), "--json", "-k", "-n",
             str(CROWD_RATE * seconds), "-c", str(CONNECTIONS)] +
            self.fields + ["127.0.0.1:%d" % self.port, target],
            stdout=subprocess.PIPE, check=True).stdout)
        if said["failed"] or list(said["status"]) != ["304"]:
            sys.exit("%s did not answer well: %s" % (self.name, said))
        return int(said["requests"])

    def round(self, size, seconds):
        # A log that only grows takes memory that this machine never used,
        # and under a hypervisor the first touch of a page costs more than
        # what is measured here. Emptied, its pages are used again.
        if self.log:
            os.truncate(self.log, 0)
        before = cpu_us(self.pids)
        ask = self.crowd if self.by_crowd else self.wrk
        requests = ask(self.targets[size], seconds)
        used = sum(now - before[pid]
                   for pid, now in cpu_us(self.pids).items())
        self.cost[size].append(used / requests)
        self.rate[size].append(requests / seconds)


def wait_for(port, target="/"):
    end = time.monotonic() + 10
    while True:
        try:
            return fetch(("127.0.0.1", port), target)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def machine():
    with open("/proc/cpuinfo", encoding="ascii") as info:
        name = re.search(r"model name\s*:\s*(.*)", info.read())
    print("%s, %d cores, Linux %s; livery %s\n" % (
        name.group(1) if name else "?", len(CORES), os.uname().release,
        os.environ.get("LIVERY", "")))


def measure(servers, rounds, seconds):
    """After a round that is not counted."""
    sizes = list(dict.fromkeys(size for server in servers
                               for size in server.targets))
    for i in range(rounds + 1):
        if i == 1:
            for server in servers:
                server.forget()
        for size in sizes:
            for server in servers:
                if size in server.targets:
                    server.round(size, seconds)
