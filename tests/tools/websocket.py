"""A WebSocket server that does what the path says, and a client (RFC 6455).

Server: /echo sends back what comes, /flood as much as it can, /early a frame in
one piece with its 101, /bye a frame and then ends, /listen says nothing and
counts, /half answers what it was told once its client says no more. It refuses:
/refuse (403, chunked), /length (401), /plain (200 until it closes), /wrong (an
accept for another key), /other (another protocol), /cut (half a head), /silent.
"""
import base64
import hashlib
import os
import socket
import struct
import threading

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE = 1, 2, 8
PIECE = b"0123456789abcdef" * 4096


def accept_of(key):
    return base64.b64encode(hashlib.sha1(key + GUID).digest())


def masked(data, mask):
    """Exclusive or with the mask, over and over."""
    size = len(data)
    long = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^
            int.from_bytes(long, "big")).to_bytes(size, "big")


def frame(data, kind=BINARY, mask=None):
    size, bit = len(data), 0x80 if mask else 0
    if size < 126:
        head = struct.pack(">BB", 0x80 | kind, bit | size)
    elif size < 65536:
        head = struct.pack(">BBH", 0x80 | kind, bit | 126, size)
    else:
        head = struct.pack(">BBQ", 0x80 | kind, bit | 127, size)
    return head + (mask + masked(data, mask) if mask else data)


class Ended(Exception):
    """The other side said no more."""


class Frames:
    """The frames that come over a socket; rest: read already."""

    def __init__(self, sock, rest=b""):
        self.socket = sock
        self.rest = bytearray(rest)

    def exactly(self, size):
        while len(self.rest) < size:
            data = self.socket.recv(1 << 20)
            if not data:
                raise Ended()
            self.rest += data
        found = bytes(self.rest[:size])
        del self.rest[:size]
        return found

    def read(self):
        first, second = self.exactly(2)
        size = second & 0x7f
        if size == 126:
            size, = struct.unpack(">H", self.exactly(2))
        elif size == 127:
            size, = struct.unpack(">Q", self.exactly(8))
        mask = self.exactly(4) if second & 0x80 else None
        data = self.exactly(size)
        return first & 15, masked(data, mask) if mask else data


class Server:
    """In threads of its own. at: the path of a unix socket, or None."""

    def __init__(self, at=None, context=None):
        self.context = context
        if at:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.bind(at)
            self.url = "unix:" + at
        else:
            self.socket = socket.socket()
            self.socket.bind(("127.0.0.1", 0))
            self.url = "%s://127.0.0.1:%d" % (
                "https" if context else "http", self.socket.getsockname()[1])
        self.socket.listen(64)
        self.heads = []
        self.heard = 0
        self.opened = self.closed = 0
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def open(self):
        return self.opened - self.closed

    def accept(self):
        while True:
            sock, _ = self.socket.accept()
            if sock.family == socket.AF_INET:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.opened += 1
            threading.Thread(target=self.serve, args=(sock,),
                             daemon=True).start()

    def serve(self, sock):
        try:
            if self.context:
                sock = self.context.wrap_socket(sock, server_side=True)
            self.answer(sock)
        except (OSError, Ended):
            pass
        finally:
            sock.close()
            self.closed += 1

    def answer(self, sock):
        data = b""
        while b"\r\n\r\n" not in data:
            more = sock.recv(65536)
            if not more:
                return
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        self.heads.append(head.decode("latin-1"))
        path = head.split(b" ")[1].split(b"?")[0].decode().strip("/")
        key = b""
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"sec-websocket-key":
                key = value.strip()
        getattr(self, "do_" + path.split("/")[-1])(sock, key, rest)

    @staticmethod
    def grant(sock, key, more=b"", upgrade=b"websocket", accept=None):
        sock.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: " + upgrade +
            b"\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
            (accept or accept_of(key)) +
            b"\r\nSec-WebSocket-Protocol: chat\r\nX-Mine: yes\r\n\r\n" + more)

    def do_echo(self, sock, key, rest):
        self.grant(sock, key)
        frames = Frames(sock, rest)
        while True:
            kind, data = frames.read()
            sock.sendall(frame(data, kind))
            if kind == CLOSE:
                return

    def do_flood(self, sock, key, _):
        self.grant(sock, key)
        while True:
            sock.sendall(frame(PIECE))

    def do_early(self, sock, key, rest):
        self.grant(sock, key, frame(b"early", TEXT))
        Frames(sock, rest).read()

    def do_bye(self, sock, key, _):
        self.grant(sock, key)
        sock.sendall(frame(b"bye" * 100000, TEXT))

    def do_listen(self, sock, key, rest):
        self.grant(sock, key)
        self.heard += len(rest)
        while True:
            data = sock.recv(65536)
            if not data:
                return
            self.heard += len(data)

    def do_half(self, sock, key, rest):
        self.grant(sock, key)
        said = rest
        while True:
            data = sock.recv(65536)
            if not data:
                break
            said += data
        sock.sendall(said)

    def do_refuse(self, sock, _, __):
        sock.sendall(b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n"
                     b"Content-Type: text/plain\r\nTrailer: X-T\r\n\r\n"
                     b"3;a=b\r\nnot\r\n7\r\n for yo\r\n1\r\nu\r\n0\r\n"
                     b"X-T: evil\r\n\r\n")
        sock.recv(1)

    def do_length(self, sock, _, __):
        sock.sendall(b"HTTP/1.1 401 Who?\r\nContent-Length: 5\r\n"
                     b"WWW-Authenticate: Basic realm=\"x\"\r\n\r\nwho?\n")
        sock.recv(1)

    def do_plain(self, sock, _, __):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
                     b"a page")

    def do_wrong(self, sock, key, _):
        self.grant(sock, key, accept=accept_of(b"x" + key))
        self.heard += len(sock.recv(65536))

    def do_other(self, sock, key, _):
        self.grant(sock, key, upgrade=b"h2c")
        self.heard += len(sock.recv(65536))

    @staticmethod
    def do_cut(sock, _, __):
        sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs")

    @staticmethod
    def do_silent(sock, _, __):
        while sock.recv(65536):
            pass


def handshake(target, host="www.example.org", fields=(), key=None):
    """The request as text, and its key."""
    key = key or base64.b64encode(os.urandom(16))
    lines = ["GET %s HTTP/1.1" % target, "Host: " + host,
             "Connection: Upgrade", "Upgrade: websocket",
             "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: " + key.decode()]
    lines += ["%s: %s" % pair for pair in fields]
    return "\r\n".join(lines) + "\r\n\r\n", key


class Client:
    """Over a lib.Connection, once the 101 is there."""

    def __init__(self, connection, target, **more):
        self.connection = connection
        text, key = handshake(target, **more)
        connection.send(text)
        self.head = connection.read_head()
        lines = self.head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.fields[name.lower()] = value.strip()
        self.is_granted = self.status == 101 and self.fields.get(
            "sec-websocket-accept") == accept_of(key).decode()
        self.frames = Frames(connection.socket, connection.buffer)

    def say(self, data, kind=BINARY):
        self.connection.socket.sendall(frame(data, kind, os.urandom(4)))

    def read(self):
        return self.frames.read()
