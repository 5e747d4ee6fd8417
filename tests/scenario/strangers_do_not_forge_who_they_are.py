"""What a peer that is not trusted says about forwarding is dropped, and the
override fields that make applications answer otherwise with it."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin, top={"trusted_peers": ["192.0.2.0/24"]})
    livery.get("/p.txt", fields={
        "X-Forwarded-For": "192.0.2.1", "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https", "Forwarded": "for=192.0.2.1",
        "X-Original-URL": "/admin", "X-Rewrite-URL": "/admin",
        "X-HTTP-Method-Override": "DELETE", "X-Host": "evil.example",
    }).must(200)
    head = origin.last()
    for part in ("192.0.2.1", "evil.example", "/admin", "DELETE", "https"):
        s.check(part not in head, "%s reached the upstream:\n%s" %
                (part, head))
    s.check("X-Forwarded-Host: www.example.org\r\n" in head, head)
