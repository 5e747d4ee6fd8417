"""What is stored once is sent as it is, in gzip, br or zstd, as each client
weighs them: compressed behind when it is asked for the second time, dressed
pages and a theme's files too, with tags, Vary, ranges and HEAD that fit."""
import shutil
import subprocess
import zlib
from urllib.parse import quote
from lib import Scenario, Skip

CODINGS = ("gzip", "br", "zstd")

with Scenario() as s:
    if not shutil.which("curl"):
        raise Skip("curl is not installed")
    version = subprocess.run(["curl", "--version"], check=True,
                             stdout=subprocess.PIPE).stdout.decode()
    if "brotli" not in version or "zstd" not in version:
        raise Skip("this curl does not decode br and zstd")

    def get(target, accept=None, method="GET", **fields):
        named = {name.replace("_", "-"): v for name, v in fields.items()}
        if accept is not None:
            named["Accept-Encoding"] = accept
        return livery.get(target, method, fields=named)

    def coded(target, coding, accept=None, **fields):
        """Ask until it comes in that coding."""
        return s.until(lambda: [a for a in [get(
            target, accept or coding, **fields)] if a.get(
                "Content-Encoding") == coding], "%s in %s" % (
                    target, coding))[0]

    def curl(target, accept):
        return subprocess.run(
            ["curl", "-s", "-f", "--compressed", "-H", "Accept-Encoding: " +
             accept, "-H", "Host: www.example.org", "http://%s:%d%s" % (
                 livery.at + (target,))], check=True,
            stdout=subprocess.PIPE).stdout

    origin, theme = s.origin(), s.origin()
    theme.set("/theme/menu.js", "size=5000&max-age=9999&etag=js")
    livery = s.livery(origin, theme)
    livery.theme_is_live()

    # ---- each coding, of what is not dressed
    text = "/a.txt?max-age=9999&size=30000&etag=abc&vary=X-Own&header=" \
        "Content-MD5:xyz"
    plain = get(text, "gzip").must(200, cache="miss")
    s.equal(plain.get("Content-Encoding"), None)
    # asked for the second time it is made, behind
    answer = coded(text, "gzip").must(200, cache="hit")
    s.equal(zlib.decompress(answer.body, 31), plain.body)
    for coding in CODINGS:
        answer = coded(text, coding).must(200, cache="hit")
        s.check(len(answer.body) < len(plain.body) / 2, len(answer.body))
        s.equal(answer.get("Content-Length"), str(len(answer.body)))
        s.equal(curl(text, coding), plain.body)
        s.equal(answer.all("ETag"), ['"abc-%s"' % coding])
        s.equal(answer.all("Vary"), ["X-Own, Accept-Encoding"])
        s.equal(answer.get("Content-MD5"), None)
        head = get(text, coding, "HEAD").must(200, cache="hit")
        for name in ("Content-Encoding", "Content-Length", "ETag", "Vary"):
            s.equal(head.get(name), answer.get(name))
    s.equal(origin.count("/a.txt"), 1)
    answer = get(text).must(200, cache="hit")
    s.equal(answer.body, plain.body)
    s.equal(answer.all("Vary"), ["X-Own, Accept-Encoding"])
    s.equal(answer.get("ETag"), '"abc"')
    s.equal(answer.get("Content-MD5"), "xyz")

    # several fields are one list
    for accept, coding in (
            (("deflate", "gzip"), "gzip"), (("gzip;q=0.5", "zstd"), "zstd"),
            (("gzip", "identity;q=0"), "gzip"), (("", "br"), "br"),
            (("gzip;q=0", "deflate", "*;q=0.5"), "br")):
        answer = livery.get(text, fields=[
            ("Accept-Encoding", one) for one in accept])
        answer.must(200, cache="hit")
        s.equal(answer.get("Content-Encoding"), coding, accept)
    livery.get(text, fields=[("If-None-Match", '"no"'),
                             ("If-None-Match", '"abc"')]).must(304)

    # ---- weights
    for accept, coding in (
            ("gzip, deflate, br, zstd", "br"), ("gzip, zstd", "zstd"),
            ("br;q=0.5, gzip", "gzip"), ("br;q=0, *;q=0.1", "zstd"),
            ("*", "br"), ("identity, br;q=0.9", None), ("gzip;q=0", None),
            ("gzip;q=0, br;q=0.000", None), ("", None), ("deflate", None),
            ("*;q=0", None), ("gzip;q=x", None),
            ("gzip, identity;q=0", "gzip")):
        s.equal((accept, get(text, accept).must(200).get(
            "Content-Encoding")), (accept, coding))
    # another that is there is taken while the one that is liked is made
    two = "/two.txt?max-age=9999&size=20000"
    coded(two, "gzip")
    s.check(get(two, "br, gzip;q=0.1").get("Content-Encoding") in (
        "gzip", "br"), "a coding")
    coded(two, "br", "br, gzip;q=0.1")
    # who refuses identity waits for it, be it the first
    only = "/only.txt?max-age=9999&size=20000"
    answer = get(only, "br, identity;q=0").must(200)
    s.check(answer.get("Content-Encoding") in (None, "br"), "a stream")
    answer = get(only, "br, *;q=0").must(200, cache="hit")
    s.equal(answer.get("Content-Encoding"), "br")

    # ---- conditions
    for tag, sent in (('"abc"', '"abc"'), ('"abc-br"', '"abc-br"'),
                      ('W/"abc-zstd"', '"abc-zstd"'),
                      ('"x", "abc-gzip"', '"abc-gzip"'), ("*", '"abc-br"')):
        answer = get(text, "br", If_None_Match=tag).must(304)
        s.equal((tag, answer.get("ETag")), (tag, sent))
        s.equal(answer.all("Vary"), ["X-Own, Accept-Encoding"])
        s.equal(answer.get("Content-Encoding"), None)
    for tag in ('"abc-xz"', '"abd-br"', '"abc-br-br"'):
        get(text, "br", If_None_Match=tag).must(200)

    # ---- ranges are of the bytes as they are
    answer = get(text, "br", Range="bytes=100-199").must(206)
    s.equal(answer.body, plain.body[100:200])
    s.equal(answer.get("Content-Encoding"), None)
    s.equal(answer.get("ETag"), '"abc"')
    s.equal(answer.get("Content-Range"), "bytes 100-199/%d" % len(plain.body))
    get(text, "br", Range="bytes=100-199", If_Range='"abc"').must(206)
    answer = get(text, "br", Range="bytes=100-199",
                 If_Range='"abc-br"').must(200)
    s.equal(answer.get("Content-Encoding"), "br")

    # ---- a weak tag says nothing of bytes
    weak = "/weak.txt?max-age=9999&size=9000&etag=W/%22w%22"
    origin.set("/weak.txt", "max-age=9999&size=9000&header=ETag:W/%22w%22")
    s.equal(coded("/weak.txt", "br").get("ETag"), 'W/"w"')
    get("/weak.txt", "br", If_None_Match='W/"w"').must(304)

    # ---- what is never compressed
    for target in ("/small.txt?max-age=9999&size=1000",
                   "/image.png?max-age=9999&size=20000",
                   "/kept.txt?max-age=9999&size=20000&cc=no-transform,"
                   "%20max-age=9999"):
        for _ in range(4):
            answer = get(target, "gzip, br, zstd").must(200)
            s.equal((target, answer.get("Content-Encoding"),
                     answer.get("Vary")), (target, None, None))

    # ---- a coding that nobody here knows passes, is stored and stays
    odd = "/odd.txt?max-age=9999&size=5000&header=Content-Encoding:exotic"
    first = get(odd, "gzip, br").must(200)
    for accept in ("gzip, br", None, "exotic", "br, identity;q=0"):
        answer = get(odd, accept).must(200, cache="hit")
        s.equal(answer.all("Content-Encoding"), ["exotic"])
        s.equal(answer.body, first.body)
    s.equal(origin.count("/odd.txt"), 1)
    # one that is known is undone, and the page dressed
    origin.set("/gz", "max-age=9999&gzip=1&size=20000")
    get("/gz", "gzip").must(200, themed=True)

    # ---- a dressed page; a new theme brings new bytes
    page = "/page?max-age=99999&size=20000&etag=p"
    plain = get(page).must(200, themed=True)
    for coding in CODINGS:
        coded(page, coding).must(200, cache="hit")
        s.equal(curl(page, coding), plain.body)
    tag = get(page, "br").get("ETag")
    s.check(tag.startswith('W/"p'), tag)
    get(page, "br", If_None_Match=tag).must(304)
    theme.set("/theme", "body=" + quote(
        "<html><head><title>x</title></head><body><p>another look</p>"
        "<main></main><footer>The theme's footer</footer></body></html>"))
    s.clock.forward(700)
    s.until(lambda: b"another look" in curl(page, "br"), "the new theme")
    answer = coded(page, "br")
    changed = curl(page, "br")
    s.check(b"another look" in changed, changed[:300])
    s.equal(changed, get(page).must(200, themed=True).body)
    s.check(answer.get("ETag") != tag, tag)
    get(page, "br", If_None_Match=tag).must(200)

    # ---- a theme's file
    answer = coded("/.livery/t/look/theme/menu.js", "gzip")
    s.equal(zlib.decompress(answer.body, 31),
            get("/.livery/t/look/theme/menu.js").body)

    # ---- the upstream is asked with its own tag beside ours
    get("/own?cc=private", "gzip", If_Match='"abc-gzip"', Cookie="session=1")
    s.check('If-Match: "abc-gzip", "abc"\r\n' in origin.last("/own"),
            origin.last("/own"))

    # ---- freshened by a 304: the codings stay
    fresh = "/fresh.txt?max-age=100&size=20000&etag=f"
    coded(fresh, "zstd")
    before = livery.metrics()["compressed_total"]
    s.clock.forward(200)
    answer = get(fresh, "zstd").must(200)
    s.equal(answer.get("Content-Encoding"), "zstd")
    s.equal(livery.metrics()["compressed_total"], before)

    # ---- a restart has the bytes, and compresses them anew
    livery.stored("/a.txt")
    livery.term()
    livery = livery.again()
    get(text, "br").must(200, cache="hit")
    s.equal(curl(text, "br"), coded(text, "br") and get(text).body)
    seen = livery.metrics()
    s.check(seen['answers_compressed_total{coding="br"}'] > 0, seen)
    s.check(seen["compressed_to_bytes_total"] <
            seen["compressed_from_bytes_total"] / 2, seen)

    # ---- memory: what is compressed counts
    livery.term()
    livery = s.livery(origin, cache={"memory_max": "2M",
                                     "file": s.path("cache", "2.db")})
    for i in range(60):
        coded("/m%d.txt?max-age=9999&size=60000" % i, "gzip")
        s.check(livery.metrics()["memory_cache_bytes"] <= 2 << 20,
                livery.metrics()["memory_cache_bytes"])
    livery.term()

    # ---- off; another order; another least size; pages of one's own
    livery = s.livery(origin, site={"compress": ["none"]},
                      cache={"file": s.path("cache", "3.db")})
    for _ in range(4):
        answer = get(text, "gzip, br").must(200)
        s.equal(answer.get("Content-Encoding"), None)
        s.equal(answer.all("Vary"), ["X-Own"])
    get(text, If_None_Match='"abc-gzip"').must(200)
    livery.term()
    # what does not become smaller is tried once, and goes as it is
    livery = s.livery(origin, site={"compress_min": 100},
                      cache={"file": s.path("cache", "5.db")})
    noise = "/noise.ttf?max-age=9999&type=font/ttf&body=" + "".join(
        "%%%02x" % (i * i * 31 % 251 + 1) for i in range(200))
    get(noise, "br").must(200)
    get(noise, "br").must(200)
    s.until(lambda: livery.metrics()["compressed_from_bytes_total"] > 0,
            "it to be tried")
    # One after the other: when this is there, the first is no longer tried.
    coded("/smaller.txt?max-age=9999&size=3000", "br")
    tried = livery.metrics()["compressed_from_bytes_total"]
    for accept in ("br", "br, identity;q=0"):
        s.equal(get(noise, accept).must(200).get("Content-Encoding"), None)
    s.equal(livery.metrics()["compressed_from_bytes_total"], tried)
    s.equal(livery.metrics()["compressed_total"], 1, "but for the other")
    livery.term()
    livery = s.livery(origin, theme, site={
        "compress": ["gzip", "br"], "compress_min": "10k",
        "compress_own": True}, cache={"file": s.path("cache", "4.db")})
    livery.theme_is_live()
    coded(text, "gzip", "zstd, br, gzip")
    for _ in range(4):
        answer = get("/less.txt?max-age=9999&size=9000", "gzip").must(200)
        s.equal(answer.get("Content-Encoding"), None)
    own = "/mine?cc=private&size=20000"
    plain = get(own, Cookie="session=1").must(200, themed=True)
    s.equal(plain.get("Content-Encoding"), None)
    s.check("Accept-Encoding" in plain.get("Vary"), plain.head)
    answer = get(own, "zstd, br, gzip", Cookie="session=1").must(200)
    s.equal(answer.get("Content-Encoding"), "gzip")
    text = zlib.decompress(answer.body, 31).decode()
    s.check("Page /mine" in text and "The theme's footer" in text, text[:500])
