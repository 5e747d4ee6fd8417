"""Where the time of an answer goes that is passed on: by stage, and by call.

Each thread's time on the core is exact; perf samples say what it was spent on,
by the stacks that it unwinds. Then the greatest single costs: who of ours was
at it, and what the kernel or a library did for that. wrk asks for 1 KB.
"""
import collections
import os
import re
import shutil
import subprocess
import time

import passing
import peers
from lib import LIVERY

SECONDS = 5
GREATEST = 16
PROGRAM = os.path.basename(LIVERY)
KERNEL_CALL = re.compile(r"_+(?:x64_)?sys_(\w+)")
SENDS = {"sendto", "sendmsg", "writev", "sendfile"}
# The first that fits: thread, one of these in the stack or as system call.
STAGES = [
    ("front", SENDS, "answer out: sent"),
    ("front", {"start_page", "page_new", "page_start"},
     "network in: a page is made and handed over"),
    ("front", {"on_completed", "answer", "on_read", "reply_make"},
     "answer out: made, and its end"),
    ("front", {"client_handle"}, "network in: the request read"),
    ("front", {"recvfrom", "epoll_wait"}, "network in: received"),
    ("front", None, "libmicrohttpd's loop"),
    ("crew", {"page_run"}, "page steps"),
    ("crew", None, "crew: hand-over, waiting"),
    ("fetch", SENDS, "engine: the question sent"),
    ("fetch", {"recvfrom"}, "engine: the answer received"),
    ("fetch", {"MHD_resume_connection"}, "engine: front is woken"),
    ("fetch", {"curl_multi_socket_action", "on_socket", "on_timer"},
     "curl"),
    ("fetch", {"take_asks"}, "engine: the question taken and set up"),
    ("fetch", {"flight_end", "take_ended", "take_wakes", "look"},
     "engine: the end of it"),
    ("fetch", {"wire_event", "wires_event", "calls_line", "calls_body"},
     "engine: head and body taken"),
    ("fetch", {"epoll_wait"}, "engine: what is there asked for"),
    ("fetch", None, "engine: its loop"),
    ("", None, "log and others"),
]


def threads(pid):
    """Name, time on a core (us), and how often it gave it away."""
    found = {}
    for task in os.listdir("/proc/%d/task" % pid):
        folder = "/proc/%d/task/%s/" % (pid, task)
        with open(folder + "comm", encoding="ascii") as file:
            name = file.read().strip()
        with open(folder + "schedstat", encoding="ascii") as file:
            used = int(file.read().split()[0]) / 1000
        with open(folder + "status", encoding="ascii") as file:
            gave = sum(int(line.split()[1]) for line in file
                       if "ctxt_switches" in line)
        found[task] = (name, used, gave)
    return found


def samples(path):
    """(thread, [(function, where it is from)...]) from the leaf upward."""
    text = subprocess.run(
        ["perf", "script", "-i", path, "--no-inline", "-F",
         "comm,ip,sym,dso"], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, check=True).stdout.decode()
    for block in text.split("\n\n"):
        lines = block.strip("\n").split("\n")
        if len(lines) < 2:
            continue
        stack = []
        for line in lines[1:]:
            match = re.match(r"\s+[0-9a-f]+ (.*?) \((.*)\)$", line)
            if match:
                name = match.group(1)
                call = KERNEL_CALL.match(name)
                stack.append((call.group(1) if call else
                              re.sub(r"\.(part|isra|constprop)\..*", "",
                                     name), os.path.basename(match.group(2))))
        if stack:
            yield lines[0].strip(), stack


def stage_of(thread, stack):
    names = {name for name, _ in stack}
    for start, words, stage in STAGES:
        if thread.startswith(start) and (words is None or words & names):
            return stage
    return "others"


def call_of(stack):
    """What was done, for whom of ours."""
    ours = [name for name, where in stack if where == PROGRAM]
    done = [name for name, where in stack if "kernel" in where and
            name in SENDS | {"recvfrom", "epoll_wait", "epoll_ctl", "futex",
                             "poll", "fcntl", "clock_gettime", "write",
                             "madvise", "read", "pread64"}]
    leaf = "kernel" if "kernel" in stack[0][1] else stack[0][1].split(".")[0]
    chain = " < ".join(ours[:4]) if ours else \
        "a library's own loop"
    return "%s | %s" % (done[0] + "()" if done else leaf, chain)


def record(server, target, path):
    perf = subprocess.Popen(
        ["perf", "record", "-o", path, "-e", "cpu-clock", "-F", "1500",
         "--call-graph", "dwarf,8192", "-p", str(server.pid), "--", "sleep",
         str(SECONDS - 1)], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    time.sleep(0.3)
    server.wrk(target, SECONDS)
    perf.wait()


def tell(title, counted, total, all_us, most=None):
    print("\n| us/request | %s |\n|---|---|" % title)
    for name, count in counted.most_common(most):
        print("| %.2f | %s |" % (count / total * all_us, name))


def run(s, wanted):
    if not shutil.which("perf"):
        s.skip("perf is not installed: apt-get install linux-perf")
    target = "/json/1024"
    origin = peers.haul(s)
    server = passing.livery(s, origin, s.origin(), {"1 KB": target})
    server.wrk(target, 1)
    before = threads(server.pid)
    requests = server.wrk(target, SECONDS)
    after = threads(server.pid)
    print("| thread | us/request | gave the core away, times a request |\n"
          "|---|---|---|")
    all_us = 0.0
    for task, (name, used, gave) in sorted(after.items(),
                                           key=lambda item: item[1]):
        us = (used - before.get(task, (0, 0, 0))[1]) / requests
        all_us += us
        if us >= 0.1:
            print("| %s | %.1f | %.2f |" % (
                name, us, (gave - before.get(task, (0, 0, 0))[2]) /
                requests))
    path = s.path("perf.data")
    record(server, target, path)
    stages, calls, total = collections.Counter(), collections.Counter(), 0
    for thread, stack in samples(path):
        total += 1
        stages[stage_of(thread, stack)] += 1
        calls["%s: %s" % (thread, call_of(stack))] += 1
    tell("stage", stages, total, all_us)
    tell("thread: what | for whom", calls, total, all_us, GREATEST)
