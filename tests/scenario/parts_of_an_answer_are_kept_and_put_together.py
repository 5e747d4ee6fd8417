"""A range that came once is served again, ranges grow together until the whole
is there, and nothing is put together that does not belong together."""
import http.server
import re
import threading
import time

from lib import SLOW, Scenario

FILE = bytes((i * 7 + i // 251) % 256 for i in range(1 << 20))
ONE, TWO, WEAK = '"one"', '"two"', 'W/"one"'
UNTIL = "Wed, 21 Oct 2065 07:28:00 GMT"
CHANGED = "Wed, 21 Oct 2015 07:28:00 GMT"


class Origin(http.server.ThreadingHTTPServer):
    """A server of one file under any path, by ranges. What it says beside is
    set from outside."""
    daemon_threads = True

    def __init__(self, clock):
        super().__init__(("127.0.0.1", 0), Handler)
        self.clock = clock
        self.is_dead = False
        self.opens = threading.Event()
        self.opens.set()
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        self.asked = []  # (path, Range, If-Range, Accept-Encoding)
        self.etag, self.data, self.fields, self.lie = ONE, FILE, {}, None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # who reset its connection

    def count(self, path):
        return sum(row[0] == path for row in self.asked)

    def be(self, etag=ONE, data=FILE, fields=None, lie=None):
        self.etag, self.data, self.lie = etag, data, lie
        self.fields = fields or {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *unused):  # pylint: disable=arguments-differ
        pass

    def date_time_string(self, timestamp=None):
        return super().date_time_string(
            (timestamp or time.time()) + self.server.clock.ahead_ms / 1000)

    def span(self, size):
        found = re.fullmatch(r"bytes=(\d*)-(\d*)",
                             self.headers.get("Range", ""))
        if not found or self.headers.get("If-Range",
                                         self.server.etag) != self.server.etag:
            return None
        first, last = found.groups()
        if not first:
            return max(0, size - int(last)), size - 1
        return int(first), min(int(last or size), size - 1)

    def do_GET(self):  # pylint: disable=invalid-name
        server, data = self.server, self.server.data
        server.asked.append((self.path, self.headers.get("Range"),
                             self.headers.get("If-Range"),
                             self.headers.get("Accept-Encoding")))
        server.opens.wait(20 * SLOW)
        if server.is_dead:
            self.close_connection = True
            return
        fields = dict({"Cache-Control": "max-age=600",
                       "Content-Type": "video/mp4"}, **server.fields)
        if server.etag:
            fields["ETag"] = server.etag
            if server.etag in self.headers.get("If-None-Match", ""):
                self.answer(304, fields, b"")
                return
        span = self.span(len(data))
        if server.lie:
            fields["Content-Range"] = server.lie
            self.answer(206, fields, data[:5])
        elif span and span[0] >= len(data):
            fields["Content-Range"] = "bytes */%d" % len(data)
            self.answer(416, fields, b"")
        elif span:
            fields["Content-Range"] = "bytes %d-%d/%d" % (*span, len(data))
            self.answer(206, fields, data[span[0]:span[1] + 1])
        else:
            self.answer(200, fields, data)

    def do_POST(self):  # pylint: disable=invalid-name
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(204, {}, b"")

    def answer(self, status, fields, body):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(body)


def pause():
    """What streams to its client is stored when its end is there."""
    time.sleep(0.02 * SLOW)


def part(livery, path, first, last, data=FILE, cache=None, **fields):
    """Ask for first-last, and look at all of what comes."""
    pause()
    answer = livery.get(path, fields=dict(
        {"Range": "bytes=%d-%d" % (first, last)},
        **{name.replace("_", "-"): value for name, value in fields.items()}))
    answer.must(206, cache=cache)
    last = min(last, len(data) - 1)
    answer.check(answer.body == data[first:last + 1], "those very bytes")
    answer.check(answer.all("Content-Range") == [
        "bytes %d-%d/%d" % (first, last, len(data))], "its range")
    return answer


def range_of(livery, path, words, **fields):
    pause()
    return livery.get(path, fields=dict(
        {"Range": words},
        **{name.replace("_", "-"): value for name, value in fields.items()}))


def kinds(livery, path):
    return sorted((row["kind"], row["status"], row["size"]) for row in
                  livery.rows("SELECT kind, status, size FROM entries "
                              "WHERE url LIKE ?", "%" + path))


def must_be(s, livery, path, *wanted):
    s.until(lambda: kinds(livery, path) == sorted(wanted),
            "%s in the file of %s, which has %s" % (
                wanted, path, kinds(livery, path)))


with Scenario() as s:
    origin = Origin(s.clock)
    livery = s.livery(origin, site={"store_max": 2 << 20})

    # Within a part that came, from what is stored; all its fields are there.
    origin.be(fields={"Expires": UNTIL, "Content-Location": "/a",
                      "Vary": "X-Kind", "Age": "7"})
    part(livery, "/a", 1000, 1999, cache="fwd=uri-miss")
    part(livery, "/a", 1000, 1999, cache="hit")
    answer = part(livery, "/a", 1200, 1299, cache="hit")
    for name, value in (("ETag", ONE), ("Cache-Control", "max-age=600"),
                        ("Expires", UNTIL), ("Content-Location", "/a"),
                        ("Content-Length", "100")):
        s.equal(answer.all(name), [value])
    s.check("X-Kind" in answer.get("Vary"), answer.head)
    s.check(int(answer.get("Age")) >= 7 and answer.get("Date") and
            answer.get("Via"), answer.head)
    s.equal(origin.asked[-1][3], "identity")
    # A variant of another is not found.
    part(livery, "/a", 1200, 1299, cache="fwd=", X_Kind="other")
    s.equal(origin.count("/a"), len(set(origin.asked)))

    # Parts grow together; what lies between them is asked for.
    origin.be()
    part(livery, "/b", 0, 99999)
    part(livery, "/b", 200000, 299999)
    must_be(s, livery, "/b", ("range", 206, 200000))
    answer = part(livery, "/b", 50000, 249999, cache="fwd=partial")
    must_be(s, livery, "/b", ("range", 206, 300000))
    before = origin.count("/b")
    part(livery, "/b", 90000, 210000, cache="hit")
    s.equal(livery.get("/b", fields={"Range": "bytes=-1"}).must(
        206, cache="fwd=partial").body, FILE[-1:])
    s.equal(origin.count("/b"), before + 1)
    # The length is known: what lies past it needs no question.
    answer = range_of(livery, "/b", "bytes=%d-" % len(FILE)).must(
        416, cache="hit")
    s.equal(answer.get("Content-Range"), "bytes */%d" % len(FILE))
    s.equal(origin.count("/b"), before + 1)
    # A part is no answer to who wants all, and to several ranges neither.
    s.check(livery.get("/b").must(200, cache="fwd=").body == FILE, "whole")
    s.check(livery.get("/b").must(200, cache="hit").body == FILE, "whole")
    range_of(livery, "/b", "bytes=0-1").must(206, cache="hit")
    range_of(livery, "/b", "bytes=0-1,5-6").must(200, cache="hit")

    # The last part makes it whole, over a restart too.
    origin.be()
    third = len(FILE) // 3
    part(livery, "/c", 0, third)
    must_be(s, livery, "/c", ("range", 206, third + 1))
    _, said, _ = s.run("cache", "why", "http://www.example.org/c",
                       "--cache", livery.cache)
    s.check("parts     bytes 0-%d/%d\n" % (third, len(FILE)) in said, said)
    livery.term()
    livery = livery.again()
    part(livery, "/c", 5, third - 5, cache="hit")
    part(livery, "/c", third, 2 * third, cache="fwd=partial")
    must_be(s, livery, "/c", ("range", 206, 2 * third + 1))
    range_of(livery, "/c", "bytes=%d-" % (2 * third)).must(
        206, cache="fwd=partial")
    must_be(s, livery, "/c", ("page", 200, len(FILE)))
    answer = livery.get("/c").must(200, cache="hit")
    s.check(answer.body == FILE and not answer.all("Content-Range"), "whole")
    s.equal(origin.count("/c"), 3)

    # An open range is answered with all of it: that is the whole at once.
    range_of(livery, "/d", "bytes=0-").must(206)
    must_be(s, livery, "/d", ("page", 200, len(FILE)))
    livery.get("/d").must(200, cache="hit")

    # It changed in between: only the newer counts.
    origin.be()
    part(livery, "/e", 0, 999)
    other = FILE[::-1]
    origin.be(etag=TWO, data=other)
    part(livery, "/e", 1000, 1999, data=other, cache="fwd=partial")
    must_be(s, livery, "/e", ("range", 206, 1000))
    part(livery, "/e", 0, 999, data=other, cache="fwd=partial")
    s.equal(part(livery, "/e", 0, 1999, data=other, cache="hit").get("ETag"),
            TWO)

    # If-Range: compared strongly, and asked for whole where it fails.
    part(livery, "/e", 5, 9, data=other, cache="hit", If_Range=TWO)
    for tag in (ONE, "W/" + TWO):
        answer = range_of(livery, "/e", "bytes=5-9", If_Range=tag)
        answer.must(200, cache="fwd=")
        s.check(answer.body == other, "the whole")
        s.equal(origin.asked[-1][2], tag)
        livery.get("/e", "PURGE")
        part(livery, "/e", 0, 1999, data=other)

    # A weak tag, or none: a part is served by itself, never with another.
    for path, tag in (("/weak", WEAK), ("/none", None)):
        origin.be(etag=tag)
        part(livery, path, 0, 99)
        part(livery, path, 10, 19, cache="hit")
        part(livery, path, 100, 199, cache="fwd=partial")
        must_be(s, livery, path, ("range", 206, 100))
        part(livery, path, 0, 99, cache="fwd=partial")
    # Last-Modified holds them together where it is old enough.
    origin.be(etag=None, fields={"Last-Modified": CHANGED})
    part(livery, "/dated", 0, 99)
    part(livery, "/dated", 100, 199)
    must_be(s, livery, "/dated", ("range", 206, 200))
    part(livery, "/dated", 50, 150, cache="hit", If_Range=CHANGED)

    # What says of itself what cannot be passes, and is not stored.
    for path, asked, lie in (
            ("/lie0", "bytes=0-5", "bytes 0-5/10"),  # five came
            ("/lie1", "bytes=-5", "bytes 0-4/10"),  # not those
            ("/lie2", "bytes=0-4", "bytes 5-9/10"),
            ("/lie3", "bytes=0-4", "bytes 0-4/3"),
            ("/lie4", "bytes=0-4", "0-4/10"),
            ("/lie5", "bytes=-5", "bytes 4-9/10")):
        origin.be(lie=lie)
        for _ in range(2):
            range_of(livery, path, asked).must(206, cache="fwd=uri-miss")
        s.equal(origin.count(path), 2, path)
    # A 206 of what nobody asked a part of is no answer.
    livery.get("/lie0").must(502)
    origin.be(fields={"Cache-Control": "max-age=1"})
    livery.get("/lie6").must(200)
    s.clock.forward(10)
    origin.be(lie="bytes 0-4/10")
    s.check(livery.get("/lie6").must(200).body == FILE, "the stale copy")
    # ... and what may not be kept is not.
    for number, words in enumerate(("no-store", "private", "max-age=0")):
        path = "/not%d" % number
        origin.be(fields={"Cache-Control": words})
        for _ in range(2):
            part(livery, path, 0, 9, cache="fwd=")
        s.equal(origin.count(path), 2, words)

    # Purged, or made void by a POST: parts go with their page.
    origin.be(fields={"Surrogate-Key": "films"})
    for path, purge in (
            ("/g1", lambda: livery.get("/g1", "PURGE").must(200)),
            ("/g2", lambda: livery.get("/g2", "POST", body=b"x").must(204)),
            ("/g3", lambda: livery.get("/.*", "PURGE", fields={
                "X-Purge-Method": "regex"}).must(200))):
        part(livery, path, 0, 9)
        part(livery, path, 0, 9, cache="hit")
        must_be(s, livery, path, ("range", 206, 10))
        purge()
        part(livery, path, 0, 9, cache="fwd=uri-miss")
        s.equal(origin.count(path), 2, path)

    # Stale parts: asked for anew, and served if the upstream is gone.
    origin.be(fields={"Cache-Control": "max-age=5"})
    part(livery, "/h", 0, 9)
    s.clock.forward(10)
    part(livery, "/h", 0, 9, cache="fwd=stale")
    part(livery, "/h", 0, 9, cache="hit")
    # Stale, but good while it is refreshed: the upstream is asked whether the
    # whole has changed, and says no.
    origin.be(fields={"Cache-Control":
                      "max-age=5, stale-while-revalidate=60"})
    part(livery, "/h2", 0, 9)
    s.clock.forward(10)
    part(livery, "/h2", 2, 9, cache="hit; ttl=-")
    s.until(lambda: "ttl=-" not in part(livery, "/h2", 2, 9,
                                        cache="hit").cache, "the refresh")
    s.equal(origin.asked[-1][:2], ("/h2", None))
    must_be(s, livery, "/h2", ("range", 206, 10))
    origin.be(fields={"Cache-Control": "max-age=5"})
    # A stale whole is asked about as a whole: a 304, and the range of it.
    livery.get("/i").must(200)
    s.clock.forward(10)
    range_of(livery, "/i", "bytes=0-9").must(206)
    s.equal(origin.asked[-1][1], None)
    range_of(livery, "/i", "bytes=-9").must(206, cache="hit")

    # Who asks for a range does not wait with those who ask for all, nor they
    # with him, nor with one who asks for another.
    origin.be()
    origin.opens.clear()
    with livery.connect() as all_of_it, livery.connect() as first, \
            livery.connect() as second:
        all_of_it.ask("/n")
        first.ask("/n", fields={"Range": "bytes=0-99"})
        second.ask("/n", fields={"Range": "bytes=50-149"})
        s.until(lambda: origin.count("/n") == 3, "three questions")
        origin.opens.set()
        s.check(all_of_it.read().must(200).body == FILE, "all of it")
        s.equal(first.read().must(206).body, FILE[:100])
        s.equal(second.read().must(206).body, FILE[50:150])

    # Too many ranges, or too long a field: the whole is asked for.
    origin.be()
    many = "bytes=" + ",".join("%d-%d" % (i, i) for i in range(0, 200, 2))
    range_of(livery, "/j", many).must(200)
    s.equal(origin.asked[-1][:2], ("/j", None))
    # What is too large to be stored passes in its parts.
    large = FILE * 3
    origin.be(data=large)
    size = len(large) - 1
    for _ in range(2):
        part(livery, "/k", 1, size, data=large, cache="fwd=uri-miss")
    part(livery, "/k", 5, 9, data=large)
    part(livery, "/k", 5, 9, data=large, cache="hit")
    # What one client may see is not kept for another.
    origin.be()
    for name, value in (("Authorization", "Basic YTpi"),
                        ("Cookie", "session=1")):
        path = "/l" + name
        for _ in range(2):
            part(livery, path, 0, 9, cache="fwd=bypass", **{name: value})
        part(livery, path, 0, 9, cache="fwd=uri-miss")
        s.equal(origin.count(path), 3)

    # The upstream is gone: what is stale steps in, as far as it goes.
    origin.be(fields={"Cache-Control": "max-age=5"})
    part(livery, "/m", 0, 9)
    s.clock.forward(10)
    origin.is_dead = True
    part(livery, "/m", 2, 5, cache="fwd=stale")
    range_of(livery, "/m", "bytes=5-14").must(502)
    livery.get("/m").must(502)
    livery.term()

    # A page that is dressed: whatever range is asked for, it is one of the
    # dressed page's own.
    origin = Origin(s.clock)
    origin.be(data=b"<html><body><main id=main>hello</main></body></html>",
              fields={"Content-Type": "text/html"})
    theme = s.origin()
    livery = s.livery(origin, theme).theme_is_live()
    first = range_of(livery, "/page", "bytes=5-14")
    s.equal([row[1] for row in origin.asked], ["bytes=5-14", None])
    whole = livery.get("/page").must(200, cache="hit", themed=True)
    first.must((200, 206))
    first.check(first.body in (whole.body, whole.body[5:15]), "dressed bytes")
    for _ in range(2):
        answer = range_of(livery, "/page", "bytes=5-14").must(
            206, cache="hit")
        s.equal(answer.body, whole.body[5:15])
    range_of(livery, "/page", "bytes=5-14", Cookie="session=1").must(
        200, themed=True)
    s.equal(kinds(livery, "/page"), [("page", 200, len(origin.data))])
