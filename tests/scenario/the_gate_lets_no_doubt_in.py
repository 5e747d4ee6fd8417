"""Requests that two servers could read in two ways are refused and the
connection closed; nothing of them, and nothing behind them, reaches the
upstream."""
from lib import Broken, Scenario

MARKER = "GET /marker HTTP/1.1\r\nHost: a\r\n\r\n"
GET = "GET /%s HTTP/1.1\r\nHost: a\r\n%s\r\n"
POST = "POST /%s HTTP/1.1\r\nHost: a\r\n%s\r\n"

# name: (the request, what may be answered)
CASES = {
    "a space before the colon": (GET % ("%s", "X : y\r\n"), (400,)),
    "Transfer-Encoding with a space": (
        POST % ("%s", "Transfer-Encoding : chunked\r\n") + "0\r\n\r\n",
        (400, 501)),
    "a control byte in a value": (GET % ("%s", "X: a\x01b\r\n"), (400,)),
    "a bare CR in a value": (GET % ("%s", "X: a\rY: b\r\n"), (400,)),
    "a byte that is no token in a name": (GET % ("%s", "X@: b\r\n"), (400,)),
    "a name of UTF-8": (GET % ("%s", "X\xc3\xa4: b\r\n"), (400,)),
    "a line without a colon": (GET % ("%s", "Nonsense\r\n"), (400,)),
    "an empty name": (GET % ("%s", ": b\r\n"), (400,)),
    "two lengths": (POST % ("%s", "Content-Length: 3\r\nContent-Length: 5"
                            "\r\n") + "abcde", (400,)),
    "the same length twice": (POST % ("%s", "Content-Length: 3\r\n"
                                      "Content-Length: 3\r\n") + "abc",
                              (400,)),
    "a list of lengths": (POST % ("%s", "Content-Length: 3, 3\r\n") + "abc",
                          (400,)),
    "a length with a sign": (POST % ("%s", "Content-Length: +3\r\n") + "abc",
                             (400,)),
    "a negative length": (POST % ("%s", "Content-Length: -3\r\n"), (400,)),
    "a length in hex": (POST % ("%s", "Content-Length: 0x3\r\n") + "abc",
                        (400,)),
    "a huge length": (POST % ("%s", "Content-Length: 999999999999999999999"
                              "\r\n"), (400, 413)),
    "length and coding": (POST % ("%s", "Content-Length: 3\r\n"
                                  "Transfer-Encoding: chunked\r\n") +
                          "0\r\n\r\n", (400,)),
    "an unknown coding": (POST % ("%s", "Transfer-Encoding: gzip\r\n"),
                          (400, 501)),
    "gzip, chunked": (POST % ("%s", "Transfer-Encoding: gzip, chunked\r\n") +
                      "0\r\n\r\n", (400, 501)),
    "chunked twice": (POST % ("%s", "Transfer-Encoding: chunked\r\n"
                              "Transfer-Encoding: chunked\r\n") +
                      "0\r\n\r\n", (400, 501)),
    "identity": (POST % ("%s", "Transfer-Encoding: identity\r\n"),
                 (400, 501)),
    "chunked in 1.0": ("POST /%s HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: "
                       "chunked\r\n\r\n0\r\n\r\n", (400, 501)),
    "a bad chunk size": (POST % ("%s", "Transfer-Encoding: chunked\r\n") +
                         "zz\r\n\r\n", (400, "closed")),
    "no Host": ("GET /%s HTTP/1.1\r\nX: y\r\n\r\n", (400,)),
    "two Hosts": (GET % ("%s", "Host: b\r\n"), (400,)),
    "a Host with a path": ("GET /%s HTTP/1.1\r\nHost: a/b\r\n\r\n", (400,)),
    "a Host with a user": ("GET /%s HTTP/1.1\r\nHost: u@a\r\n\r\n", (400,)),
    "a Host with a space": ("GET /%s HTTP/1.1\r\nHost: a b\r\n\r\n", (400,)),
    "a Host with a bad port": ("GET /%s HTTP/1.1\r\nHost: a:x\r\n\r\n",
                               (400,)),
    "a folded field": (GET % ("%s", "X: a\r\n b\r\n"), (400,)),
    "a folded name": (GET % ("%s", "X: a\r\n\tTransfer-Encoding: chunked"
                             "\r\n"), (400,)),
    "100 KB of fields": (GET % ("%s", "".join(
        "X-%d: %s\r\n" % (n, "y" * 1000) for n in range(100))),
                         (400, 431, "closed")),
    "200 fields": (GET % ("%s", "".join("X-%d: y\r\n" % n
                                        for n in range(200))),
                   (400, 431, "closed")),
    "a long target": (GET % ("%s" + "x" * 20000, ""), (400, 414, "closed")),
    "HTTP/2.0": ("GET /%s HTTP/2.0\r\nHost: a\r\n\r\n", (400, 505)),
    "HTTP/1.2": ("GET /%s HTTP/1.2\r\nHost: a\r\n\r\n", (505,)),
    "HTTP/1.7": ("GET /%s HTTP/1.7\r\nHost: a\r\n\r\n", (505,)),
    "HTTP/1.10": ("GET /%s HTTP/1.10\r\nHost: a\r\n\r\n", (400, 505)),
    "the preface of HTTP/2": ("PRI * HTTP/2.0\r\n\r\nSM%s\r\n\r\n", (505,)),
    "HTTP/0.9": ("GET /%s\r\n\r\n", (400, 505, "closed")),
    "HTTP/11.1": ("GET /%s HTTP/11.1\r\nHost: a\r\n\r\n", (400, 505)),
    "http/1.1": ("GET /%s http/1.1\r\nHost: a\r\n\r\n", (400, 505)),
    "Expect something": (GET % ("%s", "Expect: miracles\r\n"), (417,)),
    "a target with a #": ("GET /%s#x HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "a target with a control byte": ("GET /%s\x7f HTTP/1.1\r\nHost: a\r\n"
                                     "\r\n", (400,)),
    "a target that is no path": ("GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
                                 (400,)),
    "another's absolute form": ("GET http://b/%s HTTP/1.1\r\nHost: a\r\n\r\n",
                                (400,)),
    "a method with a bad byte": ("GE(T /%s HTTP/1.1\r\nHost: a\r\n\r\n",
                                 (400, 405, 501)),
    "CONNECT": ("CONNECT a:80 HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n",
                (400, 405, 501)),
    "TRACE": ("TRACE /%s HTTP/1.1\r\nHost: a\r\n\r\n", (400, 405, 501)),
    "an empty length": (POST % ("%s", "Content-Length: \r\n"), (400,)),
    "a length with a space": (POST % ("%s", "Content-Length: 1 0\r\n") +
                              "0123456789", (400,)),
    "a length of 0 and a coding": (
        POST % ("%s", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n")
        + "0\r\n\r\n", (400,)),
    "a coding behind a VT": (POST % ("%s", "Transfer-Encoding:\x0bchunked"
                                     "\r\n") + "0\r\n\r\n", (400,)),
    "xchunked": (POST % ("%s", "Transfer-Encoding: xchunked\r\n") +
                 "0\r\n\r\n", (501,)),
    "a quoted coding": (POST % ("%s", "Transfer-Encoding: \"chunked\"\r\n")
                        + "0\r\n\r\n", (501,)),
    "a list of codings": (POST % ("%s", "Transfer-Encoding: chunked,\r\n") +
                          "0\r\n\r\n", (501,)),
    "an empty coding": (POST % ("%s", "Transfer-Encoding: \r\n"), (501,)),
    "GET with a body": (GET % ("%s", "Content-Length: 5\r\n") + "abcde",
                        (400,)),
    "TRACE with a body": ("TRACE /%s HTTP/1.1\r\nHost: a\r\n"
                          "Content-Length: 5\r\n\r\nabcde", (405, 501)),
    "an empty Host": ("GET /%s HTTP/1.1\r\nHost:\r\n\r\n", (400,)),
    "a list of Hosts": ("GET /%s HTTP/1.1\r\nHost: a, b\r\n\r\n", (400,)),
    "the same Host twice": (GET % ("%s", "Host: a\r\n"), (400,)),
    "an absolute form with a user": (
        "GET http://u@a/%s HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "an absolute form without a host": (
        "GET http:///%s HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "an absolute form of another scheme": (
        "GET ftp://a/%s HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "GET of *": ("GET * HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n", (400,)),
    "two spaces in the line": ("GET  /%s HTTP/1.1\r\nHost: a\r\n\r\n",
                               (400,)),
    "a tab in the line": ("GET\t/%s HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "a space behind the version": ("GET /%s HTTP/1.1 \r\nHost: a\r\n\r\n",
                                   (400,)),
    "a space before the line": (" GET /%s HTTP/1.1\r\nHost: a\r\n\r\n",
                                (400, "closed")),
    "a space before the first field": (
        "GET /%s HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n", (400,)),
    "a target with a space": ("GET /%s x HTTP/1.1\r\nHost: a\r\n\r\n",
                              (400,)),
    "a target with a NUL": ("GET /%s\x00x HTTP/1.1\r\nHost: a\r\n\r\n",
                            (400, "closed")),
    "a target with a byte over 0x7e": (
        "GET /%s\xe9 HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "a name with a NUL": (GET % ("%s", "X\x00Y: b\r\n"), (400, "closed")),
    "a name with a CR": (GET % ("%s", "X\r: b\r\n"), (400, "closed")),
    "a DEL in a value": (GET % ("%s", "X: a\x7f\r\n"), (400,)),
    "carriage returns alone": ("GET /%s HTTP/1.1\rHost: a\r\r",
                               (400, "closed")),
    "two Expects": (POST % ("%s", "Expect: 100-continue\r\nExpect: x\r\n"
                            "Content-Length: 3\r\n") + "abc", (417,)),
    "a chunk size too big": (POST % (
        "%s", "Transfer-Encoding: chunked\r\n") + "fffffffffffffffff\r\nabc"
        "\r\n0\r\n\r\n", (400, 413, "closed")),
    "a negative chunk size": (POST % (
        "%s", "Transfer-Encoding: chunked\r\n") + "-1\r\nabc\r\n0\r\n\r\n",
        (400, "closed")),
    "a chunk longer than it says": (POST % (
        "%s", "Transfer-Encoding: chunked\r\n") + "3\r\nabcdef\r\n0\r\n\r\n",
        (400, "closed")),
    "a NUL": (GET % ("%s", "X: a\x00b\r\n"), (400, "closed")),
    "line feeds alone": ("GET /%s HTTP/1.1\nHost: a\n\n", (400, "closed")),
}

with Scenario() as s:
    origin = s.origin(log=True)
    livery = s.livery(origin)
    wrong = []
    for number, (name, (text, wanted)) in enumerate(CASES.items()):
        path = "case%d" % number
        with livery.connect(timeout=3 * s.within(1)) as client:
            client.get("/before").must(200)
            try:
                client.send(text.replace("%s", path, 1) + MARKER)
                answer = client.read()
                got = answer.status
                if got in (400, 405, 413, 414, 417, 431, 501, 505):
                    # Refused: nothing more may come on this connection.
                    # (libmicrohttpd writes the fields of some refusals of
                    # its own twice; a second answer has a status line.)
                    while client.more():
                        pass
                    if b"HTTP/1." in client.buffer:
                        wrong.append("%s: an answer behind the refusal" %
                                     name)
            except (Broken, OSError, ValueError):
                got = "closed"
        if got not in wanted:
            wrong.append("%s: %s, not %s" % (name, got, wanted))
        if got != 200 and b"/" + path.encode() in origin.recorded():
            wrong.append("%s: it reached the upstream" % name)
    s.equal(wrong, [], "cases")
    # Markers only behind what was let in.
    s.check(origin.recorded().count(b"/marker") <= 1,
            "%d markers" % origin.recorded().count(b"/marker"))
    s.check(livery.metrics()["requests_refused_total"] > 20, "not counted")
    # What is plain goes in: absolute form, 1.0, chunked, Expect.
    with livery.connect() as client:
        client.send("GET http://A.example/p?x HTTP/1.1\r\nHost: a.example"
                    "\r\n\r\n")
        client.read().must(200, has="Page /p")
        s.check("GET /p?x HTTP/1.1" in origin.last("/p"), origin.last("/p"))
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue"
                    "\r\nContent-Length: 3\r\n\r\n")
        s.check(b" 100 " in client.until(b"\r\n\r\n"), "no 100")
        client.send("abc")
        client.read().must(200, has="abc")
        # Trailers and the wish for another protocol end here.
        client.send("POST /echo-head HTTP/1.1\r\nHost: a\r\nTransfer-Encoding"
                    ": chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nContent-Length: "
                    "99\r\nX-Evil: 1\r\n\r\n")
        client.read().must(200, lacks=("X-Evil", "99", ";x=y"))
        # Where a chunked body ends is not ours to say for sure.
        s.check(client.closed(), "it was kept after chunks")
    with livery.connect() as client:
        client.send("GET /echo-head HTTP/1.1\r\nHost: a\r\nConnection: Upgrade"
                    ", HTTP2-Settings, X-Forwarded-For, Host\r\nUpgrade: h2c"
                    "\r\nHTTP2-Settings: AAMA\r\n\r\n")
        client.read().must(200, lacks=("pgrade", "HTTP2"), has=(
            "X-Forwarded-For: 127.0.0.1", "Host: a\r\n"))
    with livery.connect() as client:
        client.send("GET /old HTTP/1.0\r\n\r\n")
        client.read().must(200, has="Page /old")
        s.check(client.closed(), "HTTP/1.0 was kept")
    # It may have no Host; an upstream of HTTP/1.1 wants one all the same.
    with livery.connect() as client:
        client.send("GET /echo-head HTTP/1.0\r\n\r\n")
        client.read().must(200, lacks="X-Forwarded-Host", has="Host: %s\r\n" %
                           origin.url.removeprefix("http://"))
    # Pipelined ones are answered in their order.
    with livery.connect() as client:
        client.send("".join("GET /n%d?delay=%d HTTP/1.1\r\nHost: a\r\n\r\n" %
                            (n, 50 if n % 2 else 0) for n in range(10)))
        for n in range(10):
            client.read().must(200, has="Page /n%d" % n)
