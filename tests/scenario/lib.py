"""What scenarios are made of: origins, bad networks, crowds, and livery itself.

A scenario is one story about the running program:

    "A page is stored and comes from memory the second time."
    from lib import Scenario

    with Scenario() as s:
        origin = s.origin()
        livery = s.livery(origin)
        livery.get("/p?max-age=60").must(200, cache="fwd=uri-miss")
        livery.get("/p?max-age=60").must(200, cache="hit")
        s.equal(origin.count("/p"), 1)

Everything listens on 127.0.0.1 or a unix socket of the scenario's own folder,
and ends with the scenario. Time is moved with s.clock, never slept away; what
must be waited for is waited for with s.until(). Real durations are multiplied
by LIVERY_TEST_SLOW, which sanitizer builds set.
"""
import atexit
import glob
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
import traceback
from html.parser import HTMLParser

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("srcdir") or os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("builddir") or SOURCE
LIVERY = os.environ.get("LIVERY") or os.path.join(BUILD, "livery")
TOOLS = os.environ.get("LIVERY_TOOLS") or os.path.join(BUILD, "tests/tools")
SLOW = float(os.environ.get("LIVERY_TEST_SLOW") or 1)
RULES = os.path.join(SOURCE, "themes/default/rules.xml")

SKIPPED = 77
MISSED = 75
IO_SECONDS = 20 * SLOW
REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
           "WARNING: ThreadSanitizer", "runtime error:",
           "Assertion", "must(")


class Failed(Exception):
    """What a scenario says when the program did something else."""


class Skip(Exception):
    """This machine cannot play it."""


# ---- HTTP, spoken by hand --------------------------------------------------

class Answer:
    """One answer as it came: status, fields (list of pairs), body."""

    def __init__(self, head, body, seconds, interim):
        lines = head.decode("latin-1").split("\r\n")
        self.line = lines[0]
        self.version, status = lines[0].split(" ")[:2]
        self.status = int(status)
        self.fields = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.fields.append((name, value.strip()))
        self.head = head
        self.body = body
        self.text = body.decode("utf-8", "replace")
        self.seconds = seconds
        self.interim = interim

    def all(self, name):
        return [v for n, v in self.fields if n.lower() == name.lower()]

    def get(self, name, otherwise=None):
        values = self.all(name)
        return values[0] if values else otherwise

    @property
    def cache(self):
        return self.get("Cache-Status", "")

    @property
    def theme(self):
        return self.get("X-Livery-Theme")

    @property
    def themed(self):
        return self.theme is not None and "The theme's footer" in self.text

    def must(self, status=None, cache=None, themed=None, has=None,
             within=None, lacks=None):
        """Complain unless it is so; gives itself."""
        if status is not None:
            wanted = status if isinstance(status, tuple) else (status,)
            self.check(self.status in wanted, "status %s" % (status,))
        if cache is not None:
            self.check(cache in self.cache, "Cache-Status with %r" % cache)
        if themed is not None:
            self.check(self.themed == themed,
                       "a themed page" if themed else "an undressed page")
        for text in [has] if isinstance(has, str) else has or []:
            self.check(text in self.text, "%r in the body" % text)
        for text in [lacks] if isinstance(lacks, str) else lacks or []:
            self.check(text not in self.text, "no %r in the body" % text)
        if within is not None:
            self.check(self.seconds <= within * SLOW,
                       "an answer within %.2f s" % (within * SLOW))
        return self

    def check(self, holds, wanted):
        if not holds:
            raise Failed("wanted %s, got after %.3f s:\n%s\n\n%.600s" %
                         (wanted, self.seconds, self.head.decode("latin-1"),
                          self.text))


class Broken(Exception):
    """The connection ended within an answer, or an answer made no sense."""

    def __init__(self, why, head=b"", body=b""):
        super().__init__(why)
        self.head = head
        self.body = body


class Connection:
    """A client's connection. at: (host, port), or the path of a socket."""

    def __init__(self, at, timeout=None, receive_buffer=None):
        family = socket.AF_UNIX if isinstance(at, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                   receive_buffer)
        self.socket.settimeout(timeout or IO_SECONDS)
        self.socket.connect(at)
        if family == socket.AF_INET:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.began = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.began = time.monotonic()
        self.socket.sendall(data if isinstance(data, bytes)
                            else data.encode("latin-1"))

    def ask(self, target, method="GET", host="www.example.org", fields=(),
            body=None):
        pairs = list(fields.items() if isinstance(fields, dict) else fields)
        lines = ["%s %s HTTP/1.1" % (method, target)]
        if host is not None:
            lines.append("Host: " + host)
        lines += ["%s: %s" % pair for pair in pairs]
        if body is not None:
            lines.append("Content-Length: %d" % len(body))
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") +
                  (body or b""))

    def more(self):
        data = self.socket.recv(262144)
        self.buffer += data
        return bool(data)

    def until(self, mark):
        while mark not in self.buffer:
            if not self.more():
                raise Broken("closed after %r" % self.buffer[-200:],
                             self.buffer)
        found, _, self.buffer = self.buffer.partition(mark)
        return found

    def exactly(self, size):
        pieces, have = [self.buffer], len(self.buffer)
        while have < size:
            data = self.socket.recv(min(262144, max(size - have, 4096)))
            if not data:
                raise Broken("closed %d bytes early" % (size - have),
                             body=b"".join(pieces))
            pieces.append(data)
            have += len(data)
        everything = b"".join(pieces)
        self.buffer = everything[size:]
        return everything[:size]

    def read_head(self):
        return self.until(b"\r\n\r\n")

    def read_chunks(self):
        body = b""
        while True:
            size = int(self.until(b"\r\n").split(b";")[0], 16)
            try:
                body += self.exactly(size)
            except Broken as broken:
                raise Broken(str(broken), body=body + broken.body)
            if size == 0:
                while self.until(b"\r\n"):
                    pass
                return body
            if self.exactly(2) != b"\r\n":
                raise Broken("a chunk without its end", body=body)

    def read_body(self, head, method):
        answer = Answer(head, b"", 0, [])
        if method == "HEAD" or answer.status in (204, 304):
            return b""
        if (answer.get("Transfer-Encoding") or "").lower() == "chunked":
            return self.read_chunks()
        if answer.get("Content-Length") is not None:
            return self.exactly(int(answer.get("Content-Length")))
        while self.more():
            pass
        body, self.buffer = self.buffer, b""
        return body

    def read(self, method="GET"):
        interim = []
        while True:
            head = self.read_head()
            if int(head.split(b" ")[1]) >= 200:
                break
            interim.append(head)
        try:
            body = self.read_body(head, method)
        except Broken as broken:
            raise Broken(str(broken), head, broken.body)
        return Answer(head, body, time.monotonic() - self.began, interim)

    def get(self, target, method="GET", **more):
        self.ask(target, method, **more)
        return self.read(method)

    def closed(self, within=5):
        """True when the other side closes, with nothing more said."""
        self.socket.settimeout(within * SLOW)
        try:
            return self.socket.recv(1) == b"" and not self.buffer
        except (ConnectionResetError, BrokenPipeError):
            return True
        except socket.timeout:
            return False
        finally:
            self.socket.settimeout(IO_SECONDS)


class Secure(Connection):
    """One by TLS. name: the server's (None: none is said); authority: the
    file that vouches for it, of which no other name is asked."""

    def __init__(self, at, name="www.example.org", authority=None,
                 before=b"", session=None, **more):
        super().__init__(at, **more)
        if before:
            self.socket.sendall(before)
        self.context = session.context if session else \
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if not session:
            self.context.check_hostname = False
            self.context.verify_mode = ssl.CERT_NONE
            self.context.set_alpn_protocols(["h2", "http/1.1"])
            if authority:
                self.context.verify_mode = ssl.CERT_REQUIRED
                self.context.load_verify_locations(authority)
        self.socket = self.context.wrap_socket(
            self.socket, server_hostname=name,
            session=session.socket.session if session else None)

    def names(self):
        """What the certificate that it shows is for."""
        return [name for _, name in
                self.socket.getpeercert().get("subjectAltName", ())]


class Authority:
    """Whoever makes certificates, for a hundred years."""

    def __init__(self, scenario, name="authority"):
        self.scenario = scenario
        self.file, self.key = self.new(name)

    def new(self, name, days=36500, by=None, names=(), kind="ec"):
        """A certificate; gives the paths of it and its key."""
        paths = [self.scenario.path(name + end) for end in (".pem", ".key")]
        words = ["openssl", "req", "-x509", "-nodes", "-days", str(days),
                 "-subj", "/CN=" + name, "-out", paths[0], "-keyout",
                 paths[1], "-newkey"]
        words += ["rsa:2048"] if kind == "rsa" else \
            ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        if by:
            words += ["-CA", by.file, "-CAkey", by.key, "-addext",
                      "basicConstraints=critical,CA:false"]
        if names:
            words += ["-addext", "subjectAltName=" + ",".join(
                ("IP:" if n[0].isdigit() else "DNS:") + n for n in names)]
        subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
        os.chmod(paths[1], 0o600)
        return paths

    def sign(self, name, *names, **more):
        return self.new(name, by=self, names=names or (name,), **more)


def fetch(at, target, method="GET", **more):
    with Connection(at) as connection:
        return connection.get(target, method, **more)


# ---- processes -------------------------------------------------------------

class Process:
    def __init__(self, scenario, name, words, env=None, log=None):
        self.scenario = scenario
        self.name = name
        self.log = log or scenario.path(name + ".err")
        self.out = scenario.path(name + ".out")
        with open(self.log, "ab") as err, open(self.out, "ab") as out:
            self.out_from = out.tell()
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                env=env, cwd=scenario.folder, preexec_fn=_die_with_parent)
        self.pid = self.process.pid
        scenario.processes.append(self)

    def said(self):
        with open(self.out, "rb") as out:
            out.seek(self.out_from)
            return out.read().decode("utf-8", "replace")

    def line(self, start):
        """The rest of the line of standard output that starts so."""
        def look():
            if self.process.poll() is not None:
                raise Failed("%s ended with %d at its start:\n%s" % (
                    self.name, self.process.returncode, self.errors()))
            for line in self.said().splitlines(True):
                if line.startswith(start) and line.endswith("\n"):
                    return line
            return None
        found = self.scenario.until(look, "%s to say %r" % (self.name, start))
        return found[len(start):].strip()

    def errors(self):
        with open(self.log, "rb") as err:
            return err.read().decode("utf-8", "replace")

    def send(self, number):
        self.process.send_signal(number)

    def is_running(self):
        return self.process.poll() is None

    def kill(self):
        if self.is_running():
            self.process.kill()
        return self.process.wait()

    def end(self, number=signal.SIGTERM, within=10):
        if self.is_running():
            self.process.send_signal(number)
        try:
            return self.process.wait(within * SLOW)
        except subprocess.TimeoutExpired:
            stacks = stacks_of(self.pid)
            self.process.kill()
            raise Failed("%s did not end within %g s\n%s" %
                         (self.name, within * SLOW, stacks)) from None


def _die_with_parent():
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _children():
    with open("/proc/self/task/%d/children" % os.getpid(),
              encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def stacks_of(pid):
    if not shutil.which("gdb"):
        return ""
    try:
        return subprocess.run(
            ["gdb", "-p", str(pid), "-batch", "-ex",
             "thread apply all bt 12"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=30).stdout.decode(
                "utf-8", "replace")[-20000:]
    except (subprocess.SubprocessError, OSError):
        return ""


class Origin(Process):
    """tests/tools/origin: it does what the path says."""

    def __init__(self, scenario, name, port=0, log=False):
        words = [os.path.join(TOOLS, "origin"), "--port", str(port)]
        if log:
            self.record = scenario.path(name + ".requests")
            words += ["--log", self.record]
        super().__init__(scenario, name, words)
        self.port = int(self.line("port "))
        self.at = ("127.0.0.1", self.port)
        self.url = "http://127.0.0.1:%d" % self.port

    def control(self, target):
        return fetch(self.at, target, host="origin").text

    def count(self, path=None):
        said = self.control("/_count" + ("?path=" + path if path else ""))
        return sum(int(line.split()[0]) for line in said.splitlines())

    def last(self, path=None):
        return self.control("/_last" + ("?path=" + path if path else ""))

    def set(self, path, query=""):
        """From now on that path is answered so, whatever is asked."""
        self.control("/_set?path=%s%s" % (path, "&" + query if query else ""))

    def mode(self, how):
        """hang, fail, reset or ok, for every path."""
        self.set("*", "" if how == "ok" else "mode=" + how)

    def zero(self):
        self.control("/_zero")

    def go(self):
        self.control("/_go")

    def busy(self):
        return int(self.control("/_busy"))

    def most(self):
        return int(self.control("/_most"))

    def connections(self):
        return int(self.control("/_connections"))

    def recorded(self):
        with open(self.record, "rb") as record:
            return record.read()


class Toxic(Process):
    """tests/tools/toxic: a bad network before an origin."""

    def __init__(self, scenario, name, origin):
        super().__init__(scenario, name, [
            os.path.join(TOOLS, "toxic"), "127.0.0.1:%d" % origin.port])
        self.port = int(self.line("port "))
        self.url = "http://127.0.0.1:%d" % self.port
        self.control = Connection(("127.0.0.1", int(self.line("control "))))

    def be(self, words=""):
        self.control.send(words + "\n")
        said = self.control.until(b"\n")
        if said != b"ok":
            raise Failed("toxic does not know %r" % words)


class Clock:
    """The clock that livery reads, ahead by what the file says."""

    def __init__(self, path):
        self.path = path
        self.ahead_ms = 0
        self.write()

    def write(self):
        with open(self.path + ".new", "w", encoding="ascii") as file:
            file.write("%d\n" % self.ahead_ms)
        os.rename(self.path + ".new", self.path)

    def forward(self, seconds):
        self.ahead_ms += int(seconds * 1000)
        self.write()
        time.sleep(0.06 * SLOW)  # it is read every 20 ms


class Metrics(dict):
    """The counters of /metrics by name; what is not there is 0."""

    def __missing__(self, name):
        return 0.0


class Livery(Process):
    def __init__(self, scenario, name, words, env):
        self.words = words
        super().__init__(scenario, name, [LIVERY, "serve"] + words, env)
        self.env = env
        self.address = self.line("listening on ")
        if self.address.startswith("unix:"):
            self.at = self.address[5:]
        else:
            host, _, port = self.address.rpartition("/")[2].rpartition(":")
            self.at = (host, int(port))
            self.port = int(port)
        said = self.line("cache ")
        self.cache = said[5:] if said.startswith("file ") else None
        self.admin = None
        for line in self.said().splitlines():
            if line.startswith("admin on "):
                host, _, port = line.split("/")[-1].split()[-1] \
                    .rpartition(":")
                self.admin = (host or "127.0.0.1", int(port))

    # -- talking to it
    def connect(self, **more):
        return Connection(self.at, **more)

    def get(self, target, method="GET", **more):
        return fetch(self.at, target, method, **more)

    def theme_is_live(self, times=1):
        """Wait until a version of a theme went live so many times."""
        self.scenario.until(
            lambda: self.errors().count(" is live") >= times,
            "a theme to be live")
        return self

    def theme_files_are_there(self, count):
        self.scenario.until(
            lambda: self.value("SELECT count(*) FROM entries "
                               "WHERE kind = 'asset'") >= count,
            "%d theme files in the cache" % count)

    def metrics(self):
        out = Metrics()
        for line in fetch(self.admin, "/metrics",
                          host="127.0.0.1").must(200).text.splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                name = name[7:] if name.startswith("livery_") else name
                out[name] = float(value)
        return out

    def ask_admin(self, target, method="GET", **more):
        return fetch(self.admin, target, method, host="127.0.0.1", **more)

    def requests(self):
        return json.loads(
            self.ask_admin("/requests").must(200).text)["requests"]

    # -- looking inside
    def rows(self, sql, *values):
        db = sqlite3.connect("file:%s?mode=ro" % self.cache, uri=True,
                             timeout=10)
        try:
            db.row_factory = sqlite3.Row
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def value(self, sql, *values):
        rows = self.rows(sql, *values)
        return rows[0][0] if rows else None

    def stored(self, part):
        """Wait until entries has an url with this in it."""
        self.scenario.until(
            lambda: self.value("SELECT count(*) FROM entries "
                               "WHERE instr(url, ?)", part),
            "%s in the cache file" % part)

    def problem(self, part):
        """Wait for a problem whose row has this in it; gives the row."""
        def look():
            for row in self.rows("SELECT * FROM problems"):
                if part in " ".join(str(v) for v in row):
                    return dict(row)
            return None
        return self.scenario.until(look, "a problem with %r" % part)

    def rss_kb(self):
        with open("/proc/%d/status" % self.pid, encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.pid, encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # -- its life
    def term(self, within=10):
        code = self.end(signal.SIGTERM, within)
        if code != 0:
            raise Failed("livery ended with %d after TERM\n%s" %
                         (code, self.errors()))

    def again(self):
        """Start it again as it was; gives the new one."""
        return Livery(self.scenario, self.name + "+", self.words, self.env)

    def reload(self):
        """HUP, and wait until it has said what came of it: True when the new
        configuration is in force."""
        before = len(self.errors())
        self.send(signal.SIGHUP)

        def look():
            said = self.errors()[before:]
            return "reloaded" in said or "going on as before" in said
        self.scenario.until(look, "the reload")
        return "reloaded" in self.errors()[before:]


# ---- the configuration -----------------------------------------------------

def quoted(value):
    if isinstance(value, (list, tuple)):
        return "{%s}" % ", ".join(quoted(v) for v in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return '"%s"' % str(value).replace("\\", "\\\\").replace('"', '\\"')


def block(name, title, options):
    lines = ["%s %s{" % (name, title + " " if title else "")]
    for option, value in options.items():
        if value is not None:
            lines.append("\t%s = %s" % (option, quoted(value)))
    return "\n".join(lines + ["}"])


class Scenario:
    def __init__(self):
        self.processes = []
        self.folder = tempfile.mkdtemp(prefix="livery-scenario.")
        os.chmod(self.folder, 0o755)
        self.clock = Clock(self.path("clock"))
        self.count = 0
        self.good = []
        self.missed = []
        atexit.register(self.sweep)
        signal.signal(signal.SIGUSR1, self.say_where)

    # -- the frame
    def say_where(self, _, frame):
        """Its time is over, and it ends here: where was it?"""
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        traceback.print_stack(frame)
        self.show_logs()
        sys.stderr.flush()
        for pid in _children():
            print("---- stacks of %d:\n%s" % (pid, stacks_of(pid)),
                  file=sys.stderr, flush=True)
        self.finish(1)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is Skip:
            print("SKIP: %s" % error)
            self.finish(SKIPPED)
        if kind is None:
            try:
                self.end_all()
            except Exception as late:  # pylint: disable=broad-except
                kind, error, trace = type(late), late, late.__traceback__
        if kind is None and self.missed:
            print("missed: " + "; ".join(self.missed))
            self.finish(MISSED)
        if kind is None:
            self.finish(0)
        traceback.print_exception(kind, error, trace, file=sys.stderr)
        self.show_logs()
        self.finish(1)

    def finish(self, status):
        self.sweep()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)

    def end_all(self):
        """Everything ends as it should, and no sanitizer had a word."""
        for process in reversed(self.processes):
            if isinstance(process, Livery) and process.is_running():
                process.term()
        for path in glob.glob(self.path("*.err")) + \
                glob.glob(self.path("sanitizer*")):
            with open(path, "rb") as file:
                said = file.read().decode("utf-8", "replace")
            for report in REPORTS:
                if report in said:
                    raise Failed("%s says:\n%s" %
                                 (os.path.basename(path), said[:6000]))

    def show_logs(self):
        for process in self.processes:
            if isinstance(process, Livery):
                print("---- %s (pid %d, %s) said:" % (
                    process.name, process.pid,
                    "running" if process.is_running() else
                    "ended with %s" % process.process.returncode),
                    file=sys.stderr)
                print(process.errors()[-4000:], file=sys.stderr)
        for path in glob.glob(self.path("sanitizer*")):
            with open(path, "rb") as file:
                print(file.read().decode("utf-8", "replace")[:6000],
                      file=sys.stderr)

    def sweep(self):
        for process in self.processes:
            if process.is_running():
                process.process.kill()
                process.process.wait()
        if os.environ.get("LIVERY_TEST_KEEP"):
            print("kept: %s" % self.folder, file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    # -- who plays
    def name(self, what):
        self.count += 1
        return "%s%d" % (what, self.count)

    def origin(self, **more):
        return Origin(self, self.name("origin"), **more)

    def toxic(self, origin):
        return Toxic(self, self.name("toxic"), origin)

    def start(self, words, env=None):
        return Process(self, self.name(os.path.basename(words[0])), words,
                       env)

    def crowd(self, livery, target, *words, fields=(), wait=True):
        """tests/tools/crowd; gives its figures, or with wait=False a function
        that waits for them."""
        at = "unix:" + livery.at if isinstance(livery.at, str) else \
            "%s:%d" % livery.at
        command = [os.path.join(TOOLS, "crowd"), "--json",
                   "-w", str(30 * SLOW)]
        for name, value in dict({"Host": "www.example.org"},
                                **dict(fields)).items():
            command += ["-H", "%s: %s" % (name, value)]
        command += [str(word) for word in words] + [at, target]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)

        def figures():
            return json.loads(process.communicate()[0])
        return figures() if wait else figures

    def environment(self):
        env = dict(os.environ)
        env["LIVERY_TEST_CLOCK"] = self.clock.path
        log = self.path("sanitizer")
        for name, words in (
                # a small quarantine, so that memory can be measured
                ("ASAN_OPTIONS", "detect_stack_use_after_return=1:"
                 "quarantine_size_mb=2:thread_local_quarantine_size_kb=64:"),
                ("UBSAN_OPTIONS", "print_stacktrace=1:"),
                ("TSAN_OPTIONS", "second_deadlock_stack=1:exitcode=0:")):
            more = env.get(name)
            env[name] = "%s%slog_path=%s" % (words,
                                             more + ":" if more else "", log)
        return env

    def conf(self, upstream=None, theme=None, more="", file="livery.conf",
             **blocks):
        """Write a configuration. upstream and theme: an URL, or something
        with an url; options of the blocks by name, as in
        site={"stale_max": "1h"}, top={...}."""
        url = getattr(upstream, "url", upstream)
        look = getattr(theme, "url", None)
        look = look + "/theme" if look else theme
        top = dict({"listen": ["127.0.0.1:0"], "admin": "127.0.0.1:0",
                    "access_log": self.path("access.log")},
                   **blocks.get("top", {}))
        parts = ["%s = %s" % (name, quoted(value))
                 for name, value in top.items() if value is not None]
        parts.append(block("cache", "", dict(
            {"file": self.path("cache", "cache.db")},
            **blocks.get("cache", {}))))
        for name in ("fetch", "limits"):
            if name in blocks:
                parts.append(block(name, "", blocks[name]))
        if url:
            parts.append(block("upstream", "main", dict(
                {"url": url}, **blocks.get("upstream_options", {}))))
        if look:
            rules = RULES
            if top.get("user"):
                # A clone below /root is closed to others.
                rules = shutil.copy(RULES, self.path("default-rules.xml"))
                os.chmod(rules, 0o644)
            parts.append(block("theme", "look", dict(
                {"url": look, "rules": rules},
                **blocks.get("theme_options", {}))))
        if url:
            parts.append(block("site", "main", dict(
                {"upstream": "main", "theme": "look" if look else None},
                **blocks.get("site", {}))))
        path = self.path(file)
        with open(path, "w", encoding="utf-8") as out:
            out.write("\n".join(parts + [more, ""]))
        return path

    def livery(self, upstream=None, theme=None, **blocks):
        os.makedirs(self.path("cache"), exist_ok=True)
        words = ["-c", self.conf(upstream, theme, **blocks)]
        return Livery(self, self.name("livery"), words, self.environment())

    def livery_with(self, *words, env=None):
        """Started with these words of the command line alone."""
        os.makedirs(self.path("cache"), exist_ok=True)
        return Livery(self, self.name("livery"), list(words),
                      env or self.environment())

    def run(self, *words, env=None, within=30):
        """A livery command; gives (status, stdout, stderr)."""
        done = subprocess.run(
            [LIVERY] + list(words), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=within * SLOW, cwd=self.folder,
            env=env or self.environment())
        return (done.returncode, done.stdout.decode("utf-8", "replace"),
                done.stderr.decode("utf-8", "replace"))

    def write(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    # -- what must be
    def until(self, look, what, within=10):
        """What look() gives once it is true."""
        end = time.monotonic() + within * SLOW
        while True:
            try:
                found = look()
            except (OSError, sqlite3.Error, Broken):
                if time.monotonic() > end:
                    raise
                found = None
            if found:
                return found
            if time.monotonic() > end:
                raise Failed("waited %g s in vain for %s" %
                             (within * SLOW, what))
            time.sleep(0.02)

    def check(self, holds, what):
        if not holds:
            raise Failed(what)

    def bound(self, what, got, most):
        """A time that a promise bounds; a sanitizer's times are not judged.
        All of them are told, and a miss is said at the end."""
        print("%s: %.2f ms (at most %.2f)" % (what, got, most))
        if SLOW <= 1 and got > most:
            self.missed.append("%s: %.2f > %.2f" % (what, got, most))

    def equal(self, got, wanted, what="value"):
        if got != wanted:
            raise Failed("%s: wanted %r, got %r" % (what, wanted, got))

    def skip(self, why):
        raise Skip(why)

    def within(self, seconds):
        return seconds * SLOW


# ---- what a page refers to -------------------------------------------------

class References(HTMLParser):
    """Addresses in src, srcset and href of what a browser loads."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.styles = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if not value:
                continue
            if name == "srcset":
                self.found += [part.split()[0]
                               for part in value.split(",") if part.strip()]
            elif name == "src" or (name == "href" and tag == "link"):
                self.found.append(value)
            elif name == "style":
                self.found += css_references(value)


def css_references(text):
    found = re.findall(r"url\(\s*[\"']?([^\"')]+)[\"']?\s*\)", text)
    found += re.findall(r"@import\s+[\"']([^\"']+)[\"']", text)
    return [address for address in found if not address.startswith("data:")]
