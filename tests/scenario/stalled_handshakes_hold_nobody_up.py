"""Clients that begin TLS and say no more, or a byte now and then, end by the
deadline of a head, and hits stay fast meanwhile."""
import statistics
import time

from lib import Authority, Connection, Scenario, Secure

HELLO = bytes.fromhex("16030100ca010000c60303") + b"\x55" * 32

with Scenario() as s:
    origin, authority = s.origin(), Authority(s)
    authority.sign("cert", "www.example.org")
    livery = s.livery(
        origin, limits={"header_timeout": "2s"},
        more="certificate cert { file = cert.pem key = cert.key }",
        top={"listen": ["127.0.0.1:0 tls"], "threads": 1})

    def times(client, count=200):
        out = []
        for _ in range(count):
            began = time.monotonic()
            client.get("/o?max-age=600").must(200)
            out.append(time.monotonic() - began)
        return out

    client = Secure(livery.at, "www.example.org", authority.file)
    client.get("/o?max-age=600").must(200)
    quiet = statistics.median(times(client))
    began = time.monotonic()
    stalled = [Connection(livery.at) for _ in range(200)]
    for at, one in enumerate(stalled):
        if at % 4:
            one.send(HELLO[:11 * (at % 4)])
    busy = statistics.median(times(client))
    print("a hit: %.0f us, beside 200 stalled handshakes %.0f us" %
          (quiet * 1e6, busy * 1e6))
    if time.monotonic() - began < 2:
        s.check(busy < max(5 * quiet, s.within(0.01)), "hits stay fast")
    # another one may come
    with Secure(livery.at, "www.example.org", authority.file) as late:
        late.get("/o?max-age=600").must(200)
    # some go on, a byte at a time: that is no reason to wait for longer
    while time.monotonic() - began < 1.5:
        for one in stalled[1:80:4]:
            one.send(b"\x55")
        time.sleep(0.2)
    for one in stalled:
        one.socket.settimeout(s.within(5))
        try:
            while one.more():
                pass
        except ConnectionResetError:
            pass
    s.check(time.monotonic() - began < s.within(2) + 4, "all are over")
    s.until(lambda: livery.metrics()["tls_handshakes_failed_total"] >= 200,
            "them to be counted")
    s.check(livery.metrics()["client_timeouts_total"] >= 150, "by a deadline")
