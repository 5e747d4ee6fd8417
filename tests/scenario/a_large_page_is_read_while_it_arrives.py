"""A page of some MB that comes in pieces is read before its end is there: what
the client gets is what it would get of the whole; and wherever such a page
ends (broken off, over a limit, its client gone), that is as it ever was."""
import socket
import threading
import time
from lib import Broken, Scenario

HEAD = ("<!DOCTYPE html>\n<html><head>%s<title>Large</title></head>\n"
        "<body><main id=\"main\">\n")
FOOT = "</main></body></html>\n"


def page(size, word="caf\u00e9", meta="<meta charset=\"utf-8\">", middle=""):
    parts, have, i = [HEAD % meta], 0, 0
    while have < size:
        parts.append("<p class='n%d'>%s &amp; <b>number</b> %d</p>\r\n" % (
            i, word, i))
        have += len(parts[-1])
        i += 1
    parts.insert(len(parts) // 2, middle)
    return "".join(parts + [FOOT])


def numbers(text):
    """The paragraphs, in their order, as they came."""
    return [line for line in text.splitlines() if line.startswith("<p class")]


class Origin:
    """Sends what it is told in pieces, with pauses."""

    def __init__(self, pieces=20):
        self.pages = {}
        self.pieces = pieces
        self.asked = []
        self.left = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client = self.listener.accept()[0]
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(client,),
                             daemon=True).start()

    def serve(self, client):
        with client, client.makefile("rb") as lines:
            while True:
                target = lines.readline().split(b" ")
                while lines.readline() not in (b"\r\n", b""):
                    pass
                if len(target) < 3:
                    return
                try:
                    self.answer(client, target[1].decode())
                except OSError:
                    self.left.set()
                    return

    def answer(self, client, target):
        self.asked.append(target)
        body, head, pause, send = self.pages[target.split("?")[0]]
        client.sendall(b"HTTP/1.1 200 OK\r\n" + head.encode() + b"\r\n")
        piece = len(body) // self.pieces + 1
        for at in range(0, send, piece):
            client.sendall(body[at:min(at + piece, send)])
            time.sleep(pause)
        if send < len(body) or "close" in head:
            client.shutdown(socket.SHUT_RDWR)
            raise OSError("that was all")

    def add(self, target, body, fields="Cache-Control: private\r\n",
            kind="text/html; charset=utf-8", pause=0.003, send=None,
            length=True):
        if isinstance(body, str):
            body = body.encode()
        head = "Content-Type: %s\r\n%s" % (kind, fields)
        head += "Content-Length: %d\r\n" % len(body) if length else \
            "Connection: close\r\n"
        self.pages[target] = (body, head, pause,
                              len(body) if send is None else send)


with Scenario() as s:
    theme = s.origin()
    origin = Origin()
    livery = s.livery(origin, theme, site={"themed_max": "3M"})
    livery.theme_is_live()

    def ahead():
        return livery.metrics()["read_ahead_total"]

    # ---- what comes out is what went in
    whole = page(2 << 20)
    origin.add("/private", whole)
    answer = livery.get("/private").must(200, themed=True)
    s.equal(numbers(answer.text), numbers(whole), "the paragraphs")
    s.equal(ahead(), 1, "pages read ahead")
    origin.add("/stored", whole, "Cache-Control: max-age=600\r\n")
    first = livery.get("/stored").must(200, themed=True)
    again = livery.get("/stored").must(200, themed=True, cache="hit")
    s.equal(first.body, again.body)
    s.equal(numbers(first.text), numbers(whole), "the paragraphs")
    s.equal(len(origin.asked), 2, "questions")
    s.equal(ahead(), 2, "pages read ahead")

    # ---- and not one that is small
    origin.add("/small", page(100 << 10))
    livery.get("/small").must(200, themed=True)
    s.equal(ahead(), 2, "pages read ahead")

    # ---- a crowd asks once
    origin.add("/crowd", whole, "Cache-Control: max-age=600\r\n")
    s.crowd(livery, "/crowd", "-n", 20)
    s.equal(origin.asked.count("/crowd"), 1, "questions")
    s.equal(livery.get("/crowd").must(themed=True).text,
            first.text, "the page")
    s.equal(ahead(), 3, "pages read ahead")

    # ---- encodings
    latin = page(600 << 10, meta="<meta charset=\"windows-1252\">")
    origin.add("/latin", latin.encode("windows-1252"), kind="text/html")
    answer = livery.get("/latin").must(200, themed=True)
    s.equal(numbers(answer.text), numbers(latin), "the paragraphs")
    odd = page(600 << 10)
    origin.add("/utf-16", b"\xff\xfe" + odd.encode("utf-16-le"),
               kind="text/html")
    answer = livery.get("/utf-16").must(200, themed=True)
    s.equal(numbers(answer.text), numbers(odd), "the paragraphs")
    broken = page(600 << 10, middle="<p class='odd'>@</p>\n").encode()
    origin.add("/odd", broken.replace(b"@", b"\xe9"))
    answer = livery.get("/odd").must(
        200, themed=True, has="<p class='odd'>\ufffd</p>")
    s.equal(len(numbers(answer.text)), broken.count(b"<p class"))

    # ---- limits: the page as it came, whole
    deep = page(1 << 20, middle="<div>" * 600)
    origin.add("/deep", deep)
    answer = livery.get("/deep").must(200, themed=False)
    s.equal(answer.text, deep, "the page")
    livery.problem("html_max_depth")
    big = page(4 << 20)
    origin.add("/big", big, length=False)
    answer = livery.get("/big").must(200, themed=False)
    s.equal(answer.text, big, "the page")
    livery.problem("themed_max")

    # ---- no page for this one
    answer = livery.get("/private", fields={"X-Livery-Off": "1"}).must(200)
    s.equal(answer.text, whole, "the page")
    answer = livery.get(
        "/private", fields={"X-Requested-With": "XMLHttpRequest"}).must(200)
    s.equal(answer.text, whole, "the page")

    # ---- broken off in the middle
    for name, fields in (("/cut", "Cache-Control: private\r\n"),
                         ("/cut-stored", "Cache-Control: max-age=60\r\n")):
        origin.add(name, whole, fields, send=len(whole) // 2)
        livery.get(name).must(502, themed=True)
        origin.add(name, whole, fields)
        answer = livery.get(name).must(200, themed=True)
        s.equal(numbers(answer.text), numbers(whole), "the paragraphs")

    # ---- the client leaves: its own page goes no further; one for others does
    origin.left.clear()
    origin.add("/leave", whole, pause=0.3)
    with livery.connect() as client:
        client.ask("/leave")
        s.until(lambda: "/leave" in origin.asked, "the question")
        time.sleep(1)
    s.until(origin.left.is_set, "the origin to be left", 6)
    origin.add("/left", whole, "Cache-Control: max-age=600\r\n", pause=0.1)
    with livery.connect() as client:
        client.ask("/left")
        s.until(lambda: "/left" in origin.asked, "the question")
        time.sleep(0.3)
    livery.stored("/left")
    s.equal(numbers(livery.get("/left").must(200, themed=True,
                                             cache="hit").text),
            numbers(whole), "the paragraphs")

    # ---- many at once find no room, and go as ever
    origin.add("/many", page(1 << 20), pause=0.02)
    s.crowd(livery, "/many?%d", "-n", 12, "-c", 12)
    s.equal(numbers(livery.get("/many").must(200, themed=True).text),
            numbers(page(1 << 20)), "the paragraphs")

    # ---- the end comes while one arrives
    origin.add("/end", whole, pause=0.2)
    client = livery.connect()
    client.ask("/end")
    s.until(lambda: "/end" in origin.asked, "the question")
    time.sleep(0.5)
    livery.term()
    try:
        client.read()
    except (Broken, OSError):
        pass
    client.close()
