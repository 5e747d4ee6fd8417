"""A listener that says tls shows each client the certificate for the name it
asks for, answers it as https, and takes it back by a ticket; one that says
https_redirect sends clients there, and nothing but https is told to stay so."""
import os
import socket
import ssl
import struct
import warnings

from lib import Authority, Connection, Scenario, Secure

HSTS = "max-age=31536000; includeSubDomains"
MARK = b"\r\n\r\n\0\r\nQUIT\n"

with Scenario() as s:
    origin, authority = s.origin(), Authority(s)
    first = authority.sign("first", "www.example.org", "127.0.0.1")
    other = authority.sign("other", "*.other.test", "other.test")
    special = authority.sign("special", "very.other.test")
    by_rsa = authority.sign("by_rsa", "www.example.org", kind="rsa")
    with open(special[0], "ab") as both, open(special[1], "rb") as key:
        both.write(key.read())  # in one file
    os.chmod(special[0], 0o600)
    more = "".join("certificate %s { file = %s %s }\n" % words for words in (
        ("first", "first.pem", "key = first.key"),
        ("by_rsa", "by_rsa.pem", "key = by_rsa.key"),
        ("other", "other.pem", "key = other.key"),
        ("special", "special.pem", "")))
    more += "site second { hosts = { other.test, \"*.other.test\" } }\n"
    livery = s.livery(
        origin, more=more, limits={"header_timeout": "2s"},
        site={"hosts": ["www.example.org"], "hsts": HSTS},
        top={"listen": ["127.0.0.1:0 tls", "127.0.0.1:0 tls proxy_protocol",
                        "127.0.0.1:0 https_redirect",
                        "127.0.0.1:0 https_redirect=8443",
                        "127.0.0.1:0", "unix:%s tls" % s.path("l")],
             "trusted_peers": ["127.0.0.1", "unix"]})
    s.check("listening on https://127.0.0.1:" in livery.said(), "said so")
    ports = [("127.0.0.1", int(line.rpartition(":")[2]))
             for line in livery.said().splitlines()
             if line.startswith("listening on http")]
    tls, proxied, moved, moved_far, plain = ports

    def secure(name="www.example.org", at=tls, **words):
        return Secure(at, name, authority.file, **words)

    # who is asked for is shown; case does not count
    for name, shown in (("www.example.org", "www.example.org"),
                        ("WWW.Example.Org", "www.example.org"),
                        ("other.test", "other.test"),
                        ("some.other.test", "other.test"),
                        ("very.other.test", "very.other.test"),
                        ("not.so.other.test", "www.example.org"),
                        ("nobody.test", "www.example.org"),
                        (None, "www.example.org")):
        with secure(name) as client:
            s.check(shown in client.names(), "%s for %s, not %s" % (
                shown, name, client.names()))

    # one who can use only the other kind of key gets that
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority.file)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    for ciphers in ("ECDHE-RSA-AES128-GCM-SHA256",
                    "ECDHE-ECDSA-AES128-GCM-SHA256"):
        context.set_ciphers(ciphers)
        with socket.create_connection(tls) as raw, context.wrap_socket(
                raw, server_hostname="www.example.org") as client:
            s.equal(client.cipher()[0], ciphers)

    # it is https for all who are told
    with secure() as client:
        s.equal(client.socket.version(), "TLSv1.3")
        s.equal(client.socket.selected_alpn_protocol(), "http/1.1")
        answer = client.get("/echo-head.json?max-age=60")
        answer.must(200)
        s.equal(answer.all("Strict-Transport-Security"), [HSTS])
        s.check("X-Forwarded-Proto: https" in origin.last(), "told https")
        hit = client.get("/echo-head.json?max-age=60").must(200, cache="hit")
        s.equal(hit.all("Strict-Transport-Security"), [HSTS])
        livery.stored("https://www.example.org/echo-head.json")
        # what the upstream says of it does not count where the site says it
        said = client.get("/own?header=Strict-Transport-Security:max-age%3D1")
        s.equal(said.all("Strict-Transport-Security"), [HSTS])
        unchanged = client.get("/e?max-age=60&etag=a")
        client.get("/e?max-age=60&etag=a", fields={
            "If-None-Match": unchanged.get("ETag")}).must(304)
        client.get("/echo", "POST", body=b"x" * 300000).must(200)
        s.equal(len(client.get("/big.bin?size=3000000").body), 3000000)
        session = client
        with secure(session=session) as again:
            again.get("/echo-head.json?max-age=60").must(200)
            s.check(again.socket.session_reused, "back by its ticket")
    # a plain listener's copy is another one, and is not told to stay
    answer = Connection(plain).get("/echo-head.json?max-age=60").must(200)
    s.check("hit" not in answer.cache, "http has its own copy")
    s.equal(answer.all("Strict-Transport-Security"), [])
    said = Connection(plain).get(
        "/own2?header=Strict-Transport-Security:max-age%3D1")
    s.equal(said.all("Strict-Transport-Security"), [])
    # the other site says nothing, and leaves what is said
    with secure("other.test") as client:
        said = client.get("/own3?header=Strict-Transport-Security:max-age%3D1",
                          host="other.test")
        s.equal(said.all("Strict-Transport-Security"), ["max-age=1"])
        # Host says which site it is, whatever certificate was shown
        other = client.get("/own4").must(200)
        s.equal(other.all("Strict-Transport-Security"), [HSTS])
        livery.stored("https://www.example.org/echo-head.json")
        client.get("/", host="evil.test").must(421)
    # who is trusted may still say otherwise
    with secure() as client:
        client.get("/o?1", fields={"X-Forwarded-Proto": "http",
                                   "X-Forwarded-For": "192.0.2.1"}).must(200)
        s.check("X-Forwarded-Proto: https" not in origin.last(), "believed")

    # by a unix socket, and behind a balancer that says whose it is
    with secure(at=s.path("l")) as client:
        client.get("/o?2").must(200)
    body = socket.inet_aton("192.0.2.8") + socket.inet_aton("10.0.0.1") + \
        struct.pack("!HH", 4711, 443)
    header = MARK + b"\x21\x11" + struct.pack("!H", len(body)) + body
    with secure(at=proxied, before=header) as client:
        client.get("/o?3").must(200)
        client.get("/o?4").must(200)
        s.check("X-Forwarded-For: 192.0.2.8" in origin.last(), "its address")
        s.check("X-Forwarded-Proto: https" in origin.last(), "and https")
        s.check("www.example.org" in client.names(), "by its name")

    # sent to TLS, where a site is; never by what a client makes up
    for at, where in ((moved, "https://www.example.org"),
                      (moved_far, "https://www.example.org:8443")):
        for method, status in (("GET", 301), ("HEAD", 301), ("POST", 308)):
            with Connection(at) as client:
                answer = client.get("/a/b%20c?d=e&f", method,
                                    host="www.example.org:8080",
                                    body=b"x" if method == "POST" else None)
                answer.must(status)
                s.equal(answer.get("Location"), where + "/a/b%20c?d=e&f")
                s.equal(answer.body, b"")
    with Connection(moved) as client:
        client.get("/", host="evil.test").must(421)
    for_all = s.livery(origin, cache={"file": s.path("cache/all.db")},
                       top={"listen": ["127.0.0.1:0 https_redirect"]})
    with for_all.connect() as client:  # old, and names nobody
        client.send(b"GET /x HTTP/1.0\r\n\r\n")
        answer = client.read()
        answer.must(400)
        s.check(answer.get("Location") is None, "nowhere to go")
    for_all.term()
    with Connection(moved) as client:
        client.get("/.well-known/acme-challenge/xyz").must(200)
    with Connection(moved) as client:
        client.get("/o?5", fields={"X-Forwarded-Proto": "https",
                                   "X-Forwarded-For": "192.0.2.1"}).must(200)

    # plain HTTP to TLS, TLS that is too old, bytes that are neither
    before = livery.metrics()["tls_handshakes_failed_total"]
    for words in (b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
                  b"\0" * 300, b"\x16\x03\x01\x40\x00" + b"x" * 100):
        with Connection(tls) as client:
            client.send(words)
            client.socket.settimeout(s.within(10))
            try:
                while client.more():
                    pass
            except ConnectionResetError:
                pass
            s.check(b"HTTP/" not in client.buffer, "no answer in the clear")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    warnings.simplefilter("ignore", DeprecationWarning)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        with socket.create_connection(tls) as raw:
            context.wrap_socket(raw)
        s.check(False, "TLS 1.1 is refused")
    except (ssl.SSLError, ConnectionError):
        pass
    s.until(lambda: livery.metrics()["tls_handshakes_failed_total"] >=
            before + 4, "them to be counted")
    # and it goes on
    with secure() as client:
        client.get("/o?6").must(200)
