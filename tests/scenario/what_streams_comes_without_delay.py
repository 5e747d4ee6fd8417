"""What streams comes without delay: server-sent events each by itself, bodies
without a length, uploads in pieces; 100-continue and trailers stay between two
neighbours; and who asks for what is being stored is fed from it."""
import os
import sys
import time
import zlib
from lib import SOURCE, Scenario

sys.path.insert(0, os.path.join(SOURCE, "tests/tools"))
sys.dont_write_bytecode = True
import puppet   # noqa: E402

EVENTS = 20
EVENT_MS = 40

with Scenario() as s:
    upstream, theme = puppet.Puppet(), s.origin()

    def serve(name, **more):
        return s.livery(upstream, file=name + ".conf",
                        cache={"file": s.path(name + ".db")}, **more)

    def gzipper():
        coder = zlib.compressobj(wbits=31)
        return lambda data: coder.compress(data) + \
            coder.flush(zlib.Z_SYNC_FLUSH)

    def gunzipper():
        return zlib.decompressobj(wbits=47).decompress

    def plain(data):
        return data

    class Reader:
        """Of a body that comes chunked, or until the end."""

        def __init__(self, client):
            self.client = client
            head = client.read_head().decode("latin-1")
            self.status = int(head.split(" ")[1])
            self.head = head.lower()
            self.chunked = "transfer-encoding: chunked" in self.head
            self.decode = gunzipper() \
                if "content-encoding: gzip" in self.head else plain
            self.text = b""

        def more(self):
            if self.chunked:
                size = int(self.client.until(b"\r\n"), 16)
                data = self.client.exactly(size + 2)[:-2]
            else:
                self.client.more()
                data, self.client.buffer = self.client.buffer, b""
            self.text += self.decode(data)
            return bool(data)

        def until(self, mark):
            while mark not in self.text:
                s.check(self.more(), "%r to come" % mark)
            found, mark, self.text = self.text.partition(mark)
            return found + mark

    def events(livery, what, coded=False, chunked=True, fields=()):
        """How long the slowest of some takes, and its head, in ms."""
        code = gzipper() if coded else plain
        with livery.connect() as client:
            client.ask("/events/%s" % what, fields=dict(
                fields, Accept="text/event-stream",
                **({"Accept-Encoding": "gzip"} if coded else {})))
            hand = upstream.next()
            worst = time.monotonic()
            hand.say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                     "Cache-Control: no-cache\r\n%s%s\r\n" % (
                         "Transfer-Encoding: chunked\r\n" if chunked else "",
                         "Content-Encoding: gzip\r\n" if coded else ""))
            reader = Reader(client)
            worst = time.monotonic() - worst
            s.equal(reader.status, 200)
            for n in range(EVENTS):
                event = b"data: %d\n\n" % n
                began = time.monotonic()
                if chunked:
                    hand.chunk(code(event))
                else:
                    hand.say(code(event))
                s.equal(reader.until(b"\n\n"), event, what)
                worst = max(worst, time.monotonic() - began)
            s.bound("events, %s" % what, worst * 1000, EVENT_MS)
            # Another asks for the same, and has events of its own.
            with livery.connect() as other:
                other.ask("/events/%s" % what, fields=dict(fields))
                second = upstream.next()
                second.say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream"
                           "\r\nTransfer-Encoding: chunked\r\n\r\n")
                second.chunk(b"data: his\n\n")
                # default_ttl is not for what nobody ends
                s.equal(Reader(other).until(b"\n\n"), b"data: his\n\n")
            s.check(second.is_left(s.within(3)), "the second's fetch to end")
        s.check(hand.is_left(s.within(3)), "the fetch to end with its client")

    livery = serve("plain")
    themed = serve("themed", theme=theme)
    themed.theme_is_live()
    keeping = serve("keeping", theme=theme, site={"default_ttl": "1m",
                                                  "includes": "both"})
    keeping.theme_is_live()
    for name, one in (("plain", livery), ("themed", themed),
                      ("keeping", keeping)):
        events(one, name)
        events(one, name + "-gzip", coded=True)
        events(one, name + "-without-length", chunked=False)
        events(one, name + "-of-one-client", fields={"Cookie": "session=1"})

    # ---- bodies of unknown length, both ways
    with livery.connect() as client:
        client.ask("/end.txt")
        hand = upstream.next()
        hand.say("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nfirst")
        reader = Reader(client)
        reader.until(b"first")
        hand.say("second")
        reader.until(b"second")
        hand.close()
        s.check(not reader.more(), "the end")
    with livery.connect() as client:
        client.send("POST /up HTTP/1.1\r\nHost: a\r\nTrailer: X-Evil\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        hand = upstream.next()
        s.equal(hand.until(b"first\r\n"), b"5\r\nfirst\r\n")
        client.send("6\r\nsecond\r\n")
        s.equal(hand.until(b"second\r\n"), b"6\r\nsecond\r\n")
        client.send("0\r\nX-Evil: trailer\r\nHost: evil\r\n\r\n")
        s.equal(hand.until(b"\r\n\r\n"), b"0\r\n\r\n", "the end, no trailer")
        s.check("railer" not in hand.head, hand.head)
        hand.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        s.equal(client.read().must(200).text, "ok")
        hand.close()

    # ---- trailers of an answer stay behind, and the connection goes on
    with livery.connect() as client:
        client.ask("/trailers.txt")
        hand = upstream.next()
        hand.say("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                 "Transfer-Encoding: chunked\r\nTrailer: Set-Cookie\r\n\r\n"
                 "4\r\nbody\r\n0\r\nSet-Cookie: evil=1\r\n\r\n")
        answer = client.read().must(200)
        s.equal(answer.text, "body")
        s.check(b"railer" not in answer.head and b"evil" not in answer.head,
                "no trailer")
        client.ask("/next.txt")
        hand.rest = b""
        s.check(hand.until(b"\r\n\r\n").startswith(b"GET /next.txt "),
                "the next one on the same connection")
        hand.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        client.read().must(200)
        hand.close()

    # ---- 100-continue: ours to the client, the upstream's to us
    with livery.connect() as client:
        client.send("PUT /put HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
                    "Expect: 100-continue\r\n\r\n")
        began = time.monotonic()
        s.check(client.read_head().startswith(b"HTTP/1.1 100"), "100")
        s.bound("100 Continue", (time.monotonic() - began) * 1000, 200)
        hand = upstream.next()
        s.check("xpect" not in hand.head, hand.head)
        hand.say("HTTP/1.1 100 Continue\r\n\r\n"
                 "HTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\n\r\n")
        client.send("body")
        s.equal(hand.until(b"body"), b"body")
        hand.say("HTTP/1.1 102 Processing\r\n\r\n"
                 "HTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\nok")
        answer = client.read().must(201)
        s.equal(answer.interim, [], "interim answers that went on")
        s.check(b"Link" not in answer.head, "fields of an interim answer")
        hand.close()
    # Who is refused is not asked for the body first.
    small = serve("small", limits={"body_max": "1k"})
    with small.connect() as client:
        client.send("PUT /put HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n"
                    "Expect: 100-continue\r\n\r\n")
        answer = client.read().must(413)
        s.equal(answer.interim, [])
        s.check(client.closed(), "the end")

    # ---- a slow body that is stored: others are fed from it while it comes
    half = os.urandom(512 << 10)
    with livery.connect() as first, livery.connect() as second, \
            livery.connect(receive_buffer=4096) as slow:
        slow.ask("/kept.bin")
        hand = upstream.next()
        hand.say("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
                 "Cache-Control: max-age=60\r\nContent-Length: %d\r\n\r\n"
                 % (2 * len(half)))
        slow.read_head()
        first.ask("/kept.bin")
        first.read_head()
        hand.say(half)
        s.equal(first.exactly(len(half)) == half, True, "the first half")
        second.ask("/kept.bin")
        began = time.monotonic()
        second.read_head()
        s.equal(second.exactly(len(half)) == half, True, "what is there")
        s.bound("the first half for the second", (
            time.monotonic() - began) * 1000, 200)
        s.check(upstream.nothing(0.1), "one question only")
        # Who asked first leaves: the others are not harmed.
        slow.close()
        hand.say(half)
        for client in (first, second):
            s.equal(client.exactly(len(half)) == half, True, "the other half")
        hand.close()
    livery.stored("/kept.bin")
    s.equal(livery.get("/kept.bin").must(200, cache="hit").body == half + half,
            True, "what was stored")
    # All leave: it goes on, and is there for the next.
    with livery.connect() as client:
        client.ask("/left.bin")
        hand = upstream.next()
        hand.say("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
                 "Cache-Control: max-age=60\r\nContent-Length: %d\r\n\r\n"
                 % (2 * len(half)))
        hand.say(half)
        client.read_head()
    s.until(lambda: not livery.requests(), "the page to go")
    hand.say(half)
    livery.stored("/left.bin")
    livery.get("/left.bin").must(200, cache="hit")
