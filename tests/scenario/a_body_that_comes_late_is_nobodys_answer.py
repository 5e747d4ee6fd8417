"""Behind HEAD, 204 and 304 there is no body. An upstream that sends one all the
same, when the next question has come on that connection, has not answered that
question: it is asked on another, by http as by https."""
import socket
import ssl
import threading

from lib import Authority, Scenario

EVIL = (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
        b"Cache-Control: max-age=600\r\nContent-Length: 4\r\n\r\nevil")
ANNOUNCED = b"Cache-Control: no-store\r\nContent-Length: %d\r\n\r\n" % len(EVIL)
BODILESS = {
    "head": b"HTTP/1.1 200 OK\r\n" + ANNOUNCED,
    "head-chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "head-bare": b"HTTP/1.1 200 OK\r\n\r\n",
    "204": b"HTTP/1.1 204 No Content\r\n" + ANNOUNCED,
    "304": b"HTTP/1.1 304 Not Modified\r\n" + ANNOUNCED,
}


class Late:
    def __init__(self, scheme, wrap=lambda sock: sock):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = "%s://127.0.0.1:%d" % (scheme, self.socket.getsockname()[1])
        self.wrap = wrap
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            sock, _ = self.socket.accept()
            threading.Thread(target=self.talk, args=(sock,),
                             daemon=True).start()

    def talk(self, sock):
        try:
            with self.wrap(sock) as sock:
                owed = b""
                while True:
                    asked = self.read(sock)
                    if not asked:
                        return
                    sock.sendall(owed or self.answer(asked))
                    owed = EVIL if asked in BODILESS and not owed else b""
        except OSError:
            pass

    @staticmethod
    def read(sock):
        """What is asked for."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = sock.recv(65536)
            if not piece:
                return ""
            data += piece
        return data.split(b" ")[1][1:].decode()

    @staticmethod
    def answer(asked):
        body = b"good " + asked.encode()
        return BODILESS.get(asked) or (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body) + body)


with Scenario() as s:
    authority = Authority(s)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.sign("late", "127.0.0.1"))
    secure = Late("https", lambda sock: context.wrap_socket(
        sock, server_side=True))
    for n, (late, options) in enumerate((
            (Late("http"), {}), (secure, {"ca_file": authority.file}))):
        livery = s.livery(late, upstream_options=options,
                          cache={"file": s.path("cache", "%d.db" % n)})
        for name, said in BODILESS.items():
            is_head = name.startswith("head")
            fields = {"If-None-Match": '"a"', "Cookie": "s=1"} \
                if name == "304" else {}
            livery.get("/" + name, "HEAD" if is_head else "GET",
                       fields=fields).must(int(said[9:12]))
            livery.get("/after-" + name).must(200, has="good after-" + name)
        livery.term()
