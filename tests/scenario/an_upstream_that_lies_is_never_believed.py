"""An upstream that answers wrongly what it answered well before: whatever it
makes up, nothing of it is stored, what was good before is served in its place
where there is time to see the lie, and the next good answer is taken. Bytes
behind an answer are never the next one."""
import ctypes
import gzip
import io
import socket
import threading
import time
from lib import Broken, Connection, Scenario

PAGE = b"<html><head><title>t</title></head><body><main>%s</main></body></html>"
LIE = PAGE % (b"LIE " * 20)
OK = b"HTTP/1.1 200 OK\r\n"
HTML = OK + b"Content-Type: text/html\r\nCache-Control: max-age=60\r\n"
TEXT = OK + b"Content-Type: text/plain\r\nCache-Control: max-age=60\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def sized(head, body=LIE, length=None):
    return head + b"Content-Length: %d\r\n\r\n" % (
        len(body) if length is None else length) + body


def bomb(coding):
    """64 MiB of nothing, and one LIE."""
    plain = b" " * (64 << 20) + LIE
    if coding == "gzip":
        out = io.BytesIO()
        with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as file:
            file.write(plain)
        packed = out.getvalue()
    else:
        room = ctypes.create_string_buffer(4 << 20)
        if coding == "zstd":
            size = ctypes.CDLL("libzstd.so.1").ZSTD_compress(
                room, ctypes.c_size_t(len(room)), plain,
                ctypes.c_size_t(len(plain)), 3)
        else:
            got = ctypes.c_size_t(len(room))
            ctypes.CDLL("libbrotlienc.so.1").BrotliEncoderCompress(
                3, 22, 0, ctypes.c_size_t(len(plain)), plain,
                ctypes.byref(got), room)
            size = got.value
        packed = room.raw[:size]
    return sized(HTML + b"Content-Encoding: %s\r\n" % (
        b"br" if coding == "br" else coding.encode()), packed)


def endless(head, piece):
    def run(sock):
        sock.sendall(head)
        while True:
            sock.sendall(piece)
            time.sleep(0.001)
    return run


# What it says, and what a client may see for it: a status, "broken" (an answer
# that visibly ends early), "new" (the body as it came, since nothing is wrong
# that anybody could see); first where nothing is stored yet, then where a good
# copy is that has gone stale.
LIES = {
    "length-short": (sized(HTML, LIE, 20), ("new",), ("new",)),
    "length-long": (sized(HTML, LIE, 9999), (502, "broken"), ("good",)),
    "length-long-text": (sized(TEXT, b"LIE", 9999), ("broken",),
                         ("broken", "good")),
    "two-lengths": (HTML + b"Content-Length: 5\r\n" + sized(b""), (502,),
                    ("good",)),
    "length-and-chunks": (HTML + b"Content-Length: 5\r\n" + CHUNKED +
                          b"5\r\nLIE!!\r\n0\r\n\r\n", (502,), ("good",)),
    "two-types": (sized(HTML + b"Content-Type: text/plain\r\n"), (502,),
                  ("good",)),
    "304-to-nothing": (b"HTTP/1.1 304 Not Modified\r\nETag: \"LIE\"\r\n\r\n",
                       (502,), ("good",)),
    "206-unasked": (sized(b"HTTP/1.1 206 Partial Content\r\nContent-Type: "
                          b"text/html\r\nContent-Range: bytes 0-9/99\r\n"
                          b"Cache-Control: max-age=60\r\n", LIE[:10]),
                    (502,), ("good",)),
    "206-unranged": (sized(b"HTTP/1.1 206 Partial Content\r\nContent-Type: "
                           b"text/html\r\nCache-Control: max-age=60\r\n"),
                     (502,), ("good",)),
    "416-unasked": (sized(b"HTTP/1.1 416 Range Not Satisfiable\r\n"
                          b"Content-Type: text/html\r\n"
                          b"Cache-Control: max-age=60\r\n"), (416, 502),
                    ("good", 416)),
    "412-unasked": (sized(b"HTTP/1.1 412 Precondition Failed\r\n"
                          b"Content-Type: text/html\r\n"
                          b"Cache-Control: max-age=60\r\n"), (412, 502),
                    ("good", 412)),
    "fields-10000": (HTML + b"".join(b"X-%d: LIE\r\n" % n
                                     for n in range(10000)) + sized(b""),
                     (502,), ("good",)),
    "field-1M": (HTML + b"X: " + b"L" * (1 << 20) + b"\r\n" + sized(b""),
                 (502,), ("good",)),
    "interim-flood": (b"HTTP/1.1 103 Early Hints\r\nLink: </LIE>\r\n\r\n" *
                      20000 + sized(HTML), (502,), ("good",)),
    "interim-endless": (endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" *
                                100), (502, 504), ("good",)),
    "chunk-garbage": (HTML + CHUNKED + b"5\r\nLIE!!\r\nzzz\r\n", (502,
                      "broken"), ("good",)),
    "chunk-huge": (HTML + CHUNKED + b"fffffffffffffffff\r\nLIE", (502,
                   "broken"), ("good",)),
    "chunk-early": (HTML + CHUNKED + b"100\r\nLIE", (502, "broken"),
                    ("good",)),
    "gzip-plain": (sized(HTML + b"Content-Encoding: gzip\r\n"), (502,
                   "broken"), ("good",)),
    "br-plain": (sized(HTML + b"Content-Encoding: br\r\n"), (502, "broken"),
                 ("good",)),
    "zstd-plain": (sized(HTML + b"Content-Encoding: zstd\r\n"), (502,
                   "broken"), ("good",)),
    "gzip-bomb": (bomb("gzip"), (502, "broken"), ("good", "broken")),
    "br-bomb": (bomb("br"), (502, "broken"), ("good", "broken")),
    "zstd-bomb": (bomb("zstd"), (502, "broken"), ("good", "broken")),
}


class Liar:
    """Says `good PATH` until the path is in lying."""

    def __init__(self):
        self.lying = set()
        self.asked = []      # (connection, request head)
        self.gone = 0        # endless bodies whose reader left
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = "http://127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        for number in range(1 << 30):
            sock, _ = self.socket.accept()
            threading.Thread(target=self.talk, args=(sock, number),
                             daemon=True).start()

    def talk(self, sock, number):
        data = b""
        try:
            while True:
                while b"\r\n\r\n" not in data:
                    piece = sock.recv(65536)
                    if not piece:
                        return
                    data += piece
                head, _, data = data.partition(b"\r\n\r\n")
                self.asked.append((number, head))
                if not self.answer(sock, head):
                    return
        except OSError:
            self.gone += 1
        finally:
            sock.close()

    def answer(self, sock, head):
        name = head.split(b" ")[1].decode()[1:]
        if name not in self.lying:
            sock.sendall(sized(
                OK + b"Content-Type: text/html\r\nETag: \"%s\"\r\n"
                b"Cache-Control: max-age=10\r\n" % name.encode(),
                PAGE % (b"good " + name.encode())))
            return True
        lie = ENDLESS.get(name) or LIES[name.split("?")[0]][0]
        if callable(lie):
            lie(sock)
        else:
            sock.sendall(lie)
            time.sleep(0.02)
        return name in ("more", "later")


ENDLESS = {
    "endless": endless(HTML + b"\r\n", b"LIE " * 4096),
    "endless-text": endless(TEXT + b"\r\n", b"LIE " * 4096),
}
ENDLESS["foreign"] = lambda sock: sock.sendall(
    b"HTTP/1.1 304 Not Modified\r\nETag: \"another\"\r\n"
    b"Cache-Control: max-age=60\r\n\r\n")
ENDLESS["more"] = lambda sock: sock.sendall(
    sized(HTML, PAGE % b"first") + sized(HTML))



def later(sock):
    """A good answer, and one that nobody asked for."""
    sock.sendall(sized(OK + b"Content-Type: text/html\r\n", PAGE % b"first"))
    time.sleep(0.05)
    sock.sendall(sized(HTML))


ENDLESS["later"] = later


def seen(livery, name):
    try:
        answer = livery.get("/" + name)
    except Broken as broken:
        return "broken", broken.head + b"\r\n\r\n" + broken.body
    if answer.status == 200 and "good " + name.split("?")[0] in answer.text:
        return "good", answer
    return "new" if answer.status == 200 else answer.status, answer


def bodies(livery):
    return livery.rows("SELECT url, bytes FROM entry JOIN body USING (id)")


def play(s, liar, livery, dressed):
    wrong = []
    for name, (_, cold, stale) in sorted(LIES.items()):
        liar.lying.add(name)
        how, what = seen(livery, name)
        # Text is not dressed, and a bomb is past themed_max when it bursts.
        if dressed and how == "broken" and not name.endswith(
                ("-text", "-bomb")):
            wrong.append("%s: a dressed page broke off" % name)
        if how not in cold:
            wrong.append("%s: %s where nothing is stored, not %s\n%s" % (
                name, how, cold, getattr(what, "head", what)))
        if dressed and how in (502, 504) and not what.themed:
            wrong.append("%s: an error that is not dressed" % name)
        liar.lying.discard(name)
        got = livery.get("/" + name)
        if how != "new" and "good " + name not in got.text:
            wrong.append("%s: not good again: %s" % (name, got.status))
        if how == "new":
            continue
        liar.lying.add(name)
        s.clock.forward(20)
        how, what = seen(livery, name)
        # What is not gathered has begun when it breaks.
        if not dressed and "broken" in cold:
            stale += ("broken",)
        if how not in stale:
            wrong.append("%s: %s where a copy is stored, not %s\n%s" % (
                name, how, stale, getattr(what, "head", what)))
        liar.lying.discard(name)
        s.clock.forward(20)
        s.until(lambda: "good " + name in livery.get("/" + name).text,
                name + " to be good again")
    s.check(not wrong, "\n".join(wrong))
    livery.stored("/zstd-plain")
    for url, body in bodies(livery):
        s.check(b"LIE" not in body or "length-short" in url,
                "stored: " + url)


with Scenario() as s:
    liar = Liar()
    limits = {"first_byte_timeout": "%dms" % s.within(400),
              "total_timeout": "%dms" % s.within(900),
              "failures_max": 1000, "back_off_min": "1ms",
              "back_off_max": "1ms"}
    for dressed in (False, True):
        liar.asked = []
        livery = s.livery(liar, s.origin() if dressed else None,
                          upstream_options=limits,
                          site={"themed_max": "1M", "store_max": "4M"},
                          cache={"file": s.path("cache", "%d.db" % dressed)})
        if dressed:
            livery.theme_is_live()
        play(s, liar, livery, dressed)

        # What comes behind an answer is not the next one: the connection is
        # closed.
        liar.lying = {"more"}
        for _ in range(5):
            livery.get("/more").must(200, has="first")
            livery.get("/x").must(200, has="good x", lacks="LIE")
            s.clock.forward(100)
        used = set()
        for number, head in liar.asked:
            s.check(number not in used,
                    "asked on a connection with bytes left over")
            if b" /more " in head:
                used.add(number)
        s.equal(len(used), 5, "connections of /more")
        liar.lying = {"later"}
        for n in range(5):
            livery.get("/later").must(200, has="first", lacks="LIE")
            time.sleep(0.1)
            livery.get("/after%d" % n).must(200, has="good after",
                                            lacks="LIE")

        # One that says nothing more is kept.
        for n in range(20):
            livery.get("/kept%d" % n).must(200, has="good kept")
        s.check(len({number for number, head in liar.asked
                     if b" /kept" in head}) <= 2, "connections are not kept")

        # A 304 about something else than what was asked about: the copy is
        # not confirmed by it.
        liar.lying = set()
        livery.get("/foreign").must(200, has="good foreign")
        livery.stored("/foreign")
        when = ("SELECT fetched_at FROM entries "
                "WHERE instr(url, '/foreign')")
        before = livery.value(when)
        liar.lying = {"foreign"}
        s.clock.forward(20)
        livery.get("/foreign")
        asked = [head for _, head in liar.asked if b" /foreign " in head]
        s.check(b'"foreign"' in asked[1], asked[1])
        livery.get("/z").must(200)
        livery.stored("/z")
        s.equal(livery.value(when), before, "the copy was confirmed")
        liar.lying = set()
        livery.get("/foreign").must(200, has="good foreign")

        # Endless bodies end with their reader, and cost no memory.
        liar.lying = {"endless", "endless-text"}
        for name in sorted(liar.lying):
            gone, small = liar.gone, livery.rss_kb()
            with Connection(livery.at) as connection:
                connection.ask("/" + name)
                connection.exactly(8 << 20)
            s.until(lambda: liar.gone > gone, name + " to end")
            s.check(livery.rss_kb() - small < 40 << 10, "%s took %d KiB" % (
                name, livery.rss_kb() - small))
        livery.get("/y").must(200, has="good y", themed=dressed)
        for url, body in bodies(livery):
            s.check("/endless" not in url, "stored: " + url)
        livery.term()
