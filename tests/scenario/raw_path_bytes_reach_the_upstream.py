"""Path and query arrive at the upstream byte for byte as the client sent
them."""
from lib import Scenario

TARGETS = ("/a%2Fb", "/a%2fb", "/a//b", "/a/./b", "/a/../b", "/%2e%2e/b",
           "/a;b=c", "/a?b?c", "/a?b=%00", "/a%20b", "/%C3%A9", "/%c3%a9",
           "/a?q=a+b", "/a?", "/~a", "/%7Ea", "/a:b@c", "/!$&'()*,=",
           "/a%252e", "/a?x=/../y", "/a?livery=1")

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    with livery.connect() as client:
        for target in TARGETS:
            client.get(target).must(200)
            line = origin.last().split("\r\n")[0]
            s.equal(line, "GET %s HTTP/1.1" % target)
