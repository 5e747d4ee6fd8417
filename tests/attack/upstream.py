"""The upstream of all attacks: it writes down what it sees, and is strict.

One request line, one Host, one way to say how long a body is, every line ended
by CRLF: what could be read in two ways is a fault, and ends the connection.
Each answer has a number, X-Serial, and a body that is the request as it came.

A head has the name of who plays in it, as a rule as the first part of the path.
The second part says how it is answered; words there have "~" between:
    keep        for everybody, 60 seconds
    plain       nothing said of caching, and changed long ago
    mine        private, with a cookie
    vary=NAME   Vary
    bad=N       with that status, if "evil" is anywhere in the head
    deaf        its answer comes at once, and the body is the next request
    ws=WORD     to a WebSocket handshake (else it is 426): wrong, other, bare
                or two, each a 101 that is not to be believed
"""
import asyncio
import re
import threading

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
LINE = re.compile(rb"(%s) (/[\x21\x22\x24-\x7e]*|\*) HTTP/1\.1" % TOKEN)
FIELD = re.compile(rb"(%s):[ \t]*([\t\x20-\x7e\x80-\xff]*)" % TOKEN)
SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")
PLAY = re.compile(rb"(?<![0-9a-z])[dpnh]\d{4}(?![0-9a-z])")
# Of one connection, and so never ours to say.
FOREIGN = (b"upgrade", b"http2-settings", b"te", b"trailer", b"keep-alive",
           b"proxy-connection", b"proxy-authorization")
HEAD_MAX = 1 << 20


class Fault(Exception):
    """Bytes that another might read otherwise."""


class Seen:
    """A request as it came."""

    def __init__(self, head):
        self.head = head
        self.body = b""
        self.serial = 0
        lines = head[:-4].split(b"\r\n")
        found = LINE.fullmatch(lines[0])
        if not found:
            raise Fault("request line %r" % lines[0][:200])
        self.method = found.group(1).decode()
        self.target = found.group(2).decode("latin-1")
        self.fields = []
        for line in lines[1:]:
            found = FIELD.fullmatch(line)
            if not found:
                raise Fault("field %r" % line[:200])
            self.fields.append((found.group(1).lower(),
                                found.group(2).strip(b" \t")))
        found = PLAY.search(head)
        self.play = found.group().decode() if found else ""

    def all(self, name):
        return [value for field, value in self.fields if field == name]

    @property
    def host(self):
        return b", ".join(self.all(b"host")).decode("latin-1")

    @property
    def upgrades(self):
        """A handshake that can be read in one way only (RFC 6455)."""
        return self.method == "GET" and \
            self.all(b"upgrade") == [b"websocket"] and \
            self.all(b"connection") == [b"Upgrade"] and \
            self.all(b"sec-websocket-version") == [b"13"] and \
            len(self.all(b"sec-websocket-key")) == 1

    def how(self):
        """The words that say how it is answered."""
        path = self.target.partition("?")[0].split("/")
        words = {}
        for word in (path[2] if len(path) > 2 else "").split("~"):
            key, _, value = word.partition("=")
            words[key] = value
        return words

    def check(self):
        lengths = self.all(b"content-length")
        codings = self.all(b"transfer-encoding")
        if len(self.all(b"host")) != 1:
            raise Fault("%d Host fields" % len(self.all(b"host")))
        if len(lengths) + len(codings) > 1:
            raise Fault("lengths %r and codings %r" % (lengths, codings))
        if lengths and not lengths[0].isdigit():
            raise Fault("length %r" % lengths[0])
        if codings and codings[0] != b"chunked":
            raise Fault("coding %r" % codings[0])
        for name, value in self.fields:
            if self.upgrades and name in (b"upgrade", b"connection"):
                continue
            if name in FOREIGN or (name == b"connection" and
                                   value.lower() not in (b"close",
                                                         b"keep-alive")):
                raise Fault("a field of another connection: %r" % name)


class Upstream:
    """Listens on a port of its own, in a thread of its own."""

    def __init__(self):
        self.seen = {}      # what was asked, by who plays
        self.faults = []    # (who plays, words)
        self.serial = 0
        self.requests = 0
        self.port = None
        ready = threading.Event()
        threading.Thread(target=self.run, args=(ready,),
                         daemon=True).start()
        ready.wait()
        self.url = "http://127.0.0.1:%d" % self.port

    def run(self, ready):
        async def serve():
            server = await asyncio.start_server(
                self.on_connection, "127.0.0.1", 0, limit=HEAD_MAX)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await server.serve_forever()
        asyncio.run(serve())

    async def on_connection(self, reader, writer):
        play = ""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                found = PLAY.search(head)
                play = found.group().decode() if found else play
                request = Seen(head)
                request.check()
                if "deaf" not in request.how():
                    request.body = await self.read_body(reader, request)
                self.note(request)
                writer.write(self.answer(request))
                await writer.drain()
        except asyncio.IncompleteReadError as end:
            if end.partial and b"\r\n\r\n" in end.partial:
                self.faults.append((play, "broken off"))
        except asyncio.LimitOverrunError:
            self.faults.append((play, "a head without end"))
        except Fault as fault:
            self.faults.append((play, str(fault)))
        except ConnectionError:
            pass
        finally:
            writer.close()

    @staticmethod
    async def read_body(reader, request):
        lengths = request.all(b"content-length")
        if lengths:
            return await reader.readexactly(int(lengths[0]))
        if not request.all(b"transfer-encoding"):
            return b""
        body = b""
        while True:
            line = await reader.readuntil(b"\r\n")
            if not SIZE.fullmatch(line[:-2]):
                raise Fault("chunk size %r" % line[:200])
            size = int(line, 16)
            piece = await reader.readexactly(size + 2)
            if piece[size:] != b"\r\n":
                raise Fault("a chunk's end %r, or a trailer" % piece[size:])
            if size == 0:
                return body
            body += piece[:size]

    def note(self, request):
        self.serial += 1
        self.requests += 1
        request.serial = self.serial
        self.seen.setdefault(request.play, []).append(request)

    @staticmethod
    def switch(word):
        """What follows would be shown as an answer, or as a tunnel's bytes."""
        upgrade, connection = "websocket", "Connection: Upgrade\r\n"
        accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
        if word == "wrong":
            accept = accept.replace("s3p", "S3P")
        elif word == "other":
            upgrade = "h2c"
        elif word == "bare":
            connection = ""
        elif word == "two":
            accept += accept
        return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: %s\r\n%s%s\r\n"
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil" %
                (upgrade, connection, accept)).encode("latin-1")

    def answer(self, request):
        how, status = request.how(), 200
        if request.upgrades and "ws" in how:
            return self.switch(how["ws"])
        if request.upgrades:
            status = 426
        lines = ["Content-Type: text/plain", "X-Serial: %d" % request.serial]
        if "bad" in how and b"evil" in request.head.lower():
            status = int(how["bad"])
        if "keep" in how:
            lines.append("Cache-Control: max-age=60")
        elif "plain" in how:
            lines.append("Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT")
        elif "mine" in how:
            lines += ["Cache-Control: private, max-age=60",
                      "Set-Cookie: session=evil"]
        else:
            lines.append("Cache-Control: no-store")
        if "vary" in how:
            lines.append("Vary: " + how["vary"])
        body = request.head + request.body[:4096]
        lines.append("Content-Length: %d" % len(body))
        out = "HTTP/1.1 %d Status\r\n%s\r\n\r\n" % (status, "\r\n".join(lines))
        return out.encode("latin-1") + \
            (b"" if request.method == "HEAD" else body)
