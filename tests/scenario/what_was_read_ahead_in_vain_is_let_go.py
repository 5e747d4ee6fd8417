"""A large page that is read while it arrives, and then has no use for that:
no worker goes on with it, and its place is free for the next, though a client
takes long to read what it got."""
import socket
import threading
import time
from lib import Scenario

SIZE = 4 << 20
LINE = b"<p class='n'>%s <b>words</b> &amp; more</p>\r\n" % (b"some " * 30)
PAGE = (b"<!DOCTYPE html>\n<html><head><title>Large</title></head><body>\n" +
        LINE * (SIZE // len(LINE)) + b"</body></html>\n")


class Origin:
    """Sends PAGE: the first half at once, the other when it may."""

    def __init__(self):
        self.may_go_on = threading.Event()
        self.half = threading.Semaphore(0)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client = self.listener.accept()[0]
            threading.Thread(target=self.serve, args=(client,),
                             daemon=True).start()

    def serve(self, client):
        with client, client.makefile("rb") as lines:
            target = lines.readline()
            while lines.readline() not in (b"\r\n", b""):
                pass
            try:
                client.sendall(
                    b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
                    b"Content-Type: text/html; charset=utf-8\r\n"
                    b"Cache-Control: max-age=600\r\n" +
                    (b"" if b"over" in target else
                     b"Content-Length: %d\r\n" % len(PAGE)) + b"\r\n")
                client.sendall(PAGE[:SIZE // 2])
                if b"waits" in target:
                    self.half.release()
                    self.may_go_on.wait()
                client.sendall(PAGE[SIZE // 2:])
            except OSError:
                pass


with Scenario() as s:
    theme = s.origin()
    origin = Origin()

    # ---- it passes a limit while a worker is at it
    livery = s.livery(origin, theme, site={"themed_max": "420K"},
                      top={"workers": 32})
    livery.theme_is_live()
    for i in range(8):
        livery.get("/over?%d" % i).must(200, themed=False)
    time.sleep(0.5)
    before = livery.cpu_seconds()
    time.sleep(1)
    s.check(livery.cpu_seconds() - before < 0.5, "nobody works")
    livery.term()

    # ---- who wanted it dressed has left; the other reads slowly
    livery = s.livery(origin, theme, site={"themed_max": "8M"},
                      top={"workers": 2})
    livery.theme_is_live()
    slow = []
    for i in range(2):
        target = "/waits?%d" % i
        origin.may_go_on.clear()
        with livery.connect() as wants:
            wants.ask(target)
            origin.half.acquire()
            slow.append(livery.connect())
            slow[-1].ask(target, fields={"X-Requested-With": "XMLHttpRequest"})
            s.until(lambda: livery.metrics()["coalesced_total"] == i + 1,
                    "the other to wait too")
            time.sleep(0.3)
        time.sleep(0.5)
        origin.may_go_on.set()
        livery.stored(target)
    ahead = livery.metrics()["read_ahead_total"]
    livery.get("/next").must(200, themed=True)
    s.equal(livery.metrics()["read_ahead_total"], ahead + 1,
            "the next is read ahead")
    for client in slow:
        s.equal(client.read().body, PAGE, "what the slow one got")
        client.close()
