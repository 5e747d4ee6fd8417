"""Started as root, livery reads a key that only root may read, and a reload
that finds the files as they were keeps it; one that has changed must be
readable by the user that livery has become, or the old one stays."""
import os
import pwd

from lib import Authority, Scenario, Secure

with Scenario() as s:
    if os.geteuid() != 0:
        s.skip("that needs root")
    nobody = pwd.getpwnam("nobody")
    origin, authority = s.origin(), Authority(s)
    authority.sign("cert", "www.example.org")
    os.makedirs(s.path("cache"))
    os.chown(s.path("cache"), nobody.pw_uid, nobody.pw_gid)
    livery = s.livery(
        origin, more="certificate c { file = cert.pem key = cert.key }",
        top={"user": "nobody", "listen": ["127.0.0.1:0 tls"]})
    os.chmod(s.path("livery.conf"), 0o644)

    def names():
        with Secure(livery.at, "www.example.org", authority.file) as client:
            client.get("/o").must(200)
            return client.names()

    s.equal(names(), ["www.example.org"])
    s.check(livery.reload(), "reloaded")
    s.check("cert" not in livery.errors(), livery.errors())
    s.equal(names(), ["www.example.org"])
    for path, ending in zip(authority.sign("new", "www.example.org",
                                           "new.test"), (".pem", ".key")):
        os.replace(path, s.path("cert" + ending))
    s.check(livery.reload(), "reloaded")
    livery.problem("cert.key: Permission denied")
    s.equal(names(), ["www.example.org"])
    os.chown(s.path("cert.key"), 0, nobody.pw_gid)
    os.chmod(s.path("cert.key"), 0o640)
    s.check(livery.reload(), "reloaded")
    s.until(lambda: len(names()) == 2, "the new one")
