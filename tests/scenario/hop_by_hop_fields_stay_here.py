"""Fields of one connection go no further, both ways; Via and X-Forwarded-*
tell the upstream who asked."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    with livery.connect() as client:
        answer = client.get(
            "/p.txt?header=Connection:%20X-Theirs&header=X-Theirs:%201"
            "&header=Keep-Alive:%20timeout=5&header=Proxy-Authenticate:%20x"
            "&header=Upgrade:%20h2c&header=X-Kept:%20yes"
            "&header=Via:%201.0%20other",
            host="www.example.org:8080",
            fields={"Connection": "keep-alive, X-Mine", "X-Mine": "1",
                    "Keep-Alive": "timeout=5", "TE": "trailers",
                    "Proxy-Connection": "keep-alive",
                    "Proxy-Authorization": "Basic x", "Upgrade": "h2c",
                    "HTTP2-Settings": "x", "X-Other": "2"}).must(200)
        head = origin.last()
    for name in ("X-Mine", "Keep-Alive", "TE", "Proxy-Connection",
                 "Proxy-Authorization", "Upgrade", "HTTP2-Settings"):
        s.check("\r\n%s:" % name.lower() not in head.lower(),
                "%s went upstream:\n%s" % (name, head))
    for line in ("X-Other: 2", "Via: 1.1 livery",
                 "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http",
                 "X-Forwarded-Host: www.example.org:8080",
                 "Host: www.example.org:8080"):
        s.check("\r\n%s\r\n" % line in head, "no '%s' in\n%s" % (line, head))
    for name in ("X-Theirs", "Keep-Alive", "Upgrade", "Proxy-Authenticate"):
        s.equal(answer.all(name), [], name + " of the upstream")
    s.equal(answer.get("X-Kept"), "yes")
    s.equal(", ".join(answer.all("Via")), "1.0 other, 1.1 livery")
    # Fields of a proxy that is trusted (loopback is) are carried on, and
    # nobody else's word is taken twice.
    livery.get("/q.txt", fields={"X-Forwarded-For": "192.0.2.1",
                                 "Via": "1.1 front"}).must(200)
    head = origin.last()
    s.check("X-Forwarded-For: 192.0.2.1, 127.0.0.1\r\n" in head, head)
    s.check("Via: 1.1 front, 1.1 livery\r\n" in head, head)
