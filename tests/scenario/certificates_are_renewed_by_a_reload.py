"""A reload shows new clients the new certificate and leaves those that are
being served alone; one that cannot be read is told, and the old one stays.
What is about to be over is told by check, in the log and in the problems."""
import os
import shutil

from lib import Authority, Scenario, Secure

with Scenario() as s:
    origin, authority = s.origin(), Authority(s)
    now = authority.sign("now", "www.example.org")
    second = authority.sign("second", "second.test")
    blocks = "".join("certificate %s { file = %s.pem key = %s.key }\n" %
                     (name, name, name) for name in ("now", "second"))
    options = {"site": {"hosts": ["www.example.org"]}, "more": blocks, "top": {
        "listen": ["127.0.0.1:0 tls"]}}
    livery = s.livery(origin, **options)

    def names(name="www.example.org"):
        with Secure(livery.at, name, authority.file) as client:
            client.get("/o").must(200)
            return client.names()

    def put(name, names_, **more):
        made = authority.sign("next", *names_, **more)
        for ending, path in zip((".pem", ".key"), made):
            os.replace(path, s.path(name + ending))

    s.equal(names(), ["www.example.org"])

    # a download, and a connection that is kept, while it is swapped
    download = Secure(livery.at, "www.example.org", authority.file)
    download.ask("/big.bin?size=8000000&cc=private")
    head = download.read_head()
    kept = Secure(livery.at, "www.example.org", authority.file)
    kept.get("/o").must(200)
    put("now", ["www.example.org", "new.test"])
    s.check(livery.reload(), "reloaded")
    s.until(lambda: names() == ["www.example.org", "new.test"], "the new one")
    s.equal(len(download.read_body(head, "GET")), 8000000)
    kept.get("/o").must(200)

    # a broken one: the old goes on, and the other is renewed all the same
    def refused(part):
        before = livery.errors().count(part)
        s.check(livery.reload(), "reloaded")
        s.until(lambda: livery.errors().count(part) > before, part)
        s.equal(names(), ["www.example.org", "new.test"])

    shutil.copy(s.path("now.key"), s.path("good.key"))
    shutil.copy(s.path("now.pem"), s.path("good.pem"))
    shutil.copy(s.path("second.key"), s.path("now.key"))
    put("second", ["second.test", "third.test"])
    refused("not the key of")
    livery.problem("not the key of")
    s.equal(names("second.test"), ["second.test", "third.test"])
    s.write("now.key", "secret-of-nobody\n")
    refused("no private key in PEM")
    os.unlink(s.path("now.pem"))
    refused("now.pem: No such file or directory; the one from before stays")
    s.write("now.pem", "-----BEGIN CERTIFICATE-----\nnonsense\n")
    refused("no certificate chain in PEM")
    s.check("secret-of-nobody" not in livery.errors(), "a key is not told")
    os.replace(s.path("good.key"), s.path("now.key"))
    os.replace(s.path("good.pem"), s.path("now.pem"))
    said = livery.errors()
    s.check(livery.reload(), "reloaded")
    s.equal(names(), ["www.example.org", "new.test"])
    s.check("now" not in livery.errors()[len(said):], "no complaint any more")

    # those that are left out, or are new
    s.conf(origin, **dict(options, more=blocks + "certificate x { file = x.pem"
                          " }\n"))
    refused("it is left out")
    shutil.copyfileobj(open(authority.sign("y", "y.test")[0], "rb"),
                       open(s.path("x.pem"), "wb"))
    with open(s.path("x.pem"), "ab") as both, open(s.path("y.key"), "rb") as k:
        both.write(k.read())
    os.chmod(s.path("x.pem"), 0o600)
    s.check(livery.reload(), "reloaded")
    s.until(lambda: names("y.test") == ["y.test"], "the one that is new")

    # over soon, over, open to all, and for nobody's name
    put("now", ["www.example.org"], days=20)
    os.chmod(s.path("now.key"), 0o644)
    s.conf(origin, **dict(options, site={"hosts": [
        "www.example.org", "bare.test", "192.0.2.1"]}))
    s.check(livery.reload(), "reloaded")
    livery.problem("now.key has mode 0644")
    livery.problem("no certificate is for bare.test")
    s.check("192.0.2.1" not in livery.errors(), "a number is no name")
    os.chmod(s.path("now.key"), 0o600)
    s.clock.forward(10 * 86400)
    s.check(livery.reload(), "reloaded")
    livery.problem("in less than 14 days")
    status, said, _ = s.run("check", "-c", s.path("livery.conf"))
    s.check("warn  certificate now:" in said and "in less than 14 days" in said,
            "check says so: " + said)
    s.clock.forward(11 * 86400)
    s.check(livery.reload(), "reloaded")
    livery.problem("has expired on")
    livery.term()

    # at the start each mistake ends it, with its file
    shutil.copy(s.path("second.key"), s.path("now.key"))
    for words in (["serve"], ["check"]):
        status, out, err = s.run(*words, "-c", s.path("livery.conf"))
        s.check(status != 0, "it does not start")
        s.check("certificate now: " in out + err and
                "not the key of" in out + err, "and says why: " + out + err)
    s.conf(origin, top={"listen": ["127.0.0.1:0 tls"]})
    status, out, err = s.run("serve", "-c", s.path("livery.conf"))
    s.equal(status, 2)
    s.check("tls needs a block certificate" in err, err)
