"""A static folder as the upstream: its files with types and validators, index
pages, and no way out of it."""
import os
from lib import Scenario

with Scenario() as s:
    theme = s.origin()
    s.write("site/index.html", "<html><head><title>Home</title></head><body>"
            "<main>home page</main></body></html>")
    s.write("site/sub/page.html", "<html><body><main>sub page</main></body>"
            "</html>")
    s.write("site/a b.txt", "spaces")
    s.write("site/style.css", "h1 { color: red }")
    s.write("secret.txt", "secret words")
    s.write("site/.hidden", "hidden words")
    os.symlink(s.path("secret.txt"), s.path("site", "link.txt"))
    os.symlink("/etc/passwd", s.path("site", "passwd"))
    livery = s.livery("file://" + s.path("site"), theme)
    livery.theme_is_live()
    livery.get("/").must(200, themed=True, has="home page")
    livery.get("/sub/page.html").must(200, themed=True, has="sub page")
    css = livery.get("/style.css").must(200)
    s.equal(css.body, b"h1 { color: red }")
    s.check(css.get("Content-Type").startswith("text/css"), css.head)
    livery.get("/a%20b.txt").must(200, has="spaces")
    livery.get("/missing").must(404)
    livery.get("/sub").must((301, 302, 404))
    livery.get("/x", "POST", body=b"x").must(405)
    for out in ("/../secret.txt", "/sub/../../secret.txt",
                "/%2e%2e/secret.txt", "/..%2fsecret.txt",
                "/%2e%2e%2fsecret.txt", "/sub/%2e%2e/%2e%2e/secret.txt",
                "/link.txt", "/passwd", "/..%5csecret.txt", "/.%2e/secret.txt",
                "//etc/passwd", "/sub/..;/..;/secret.txt", "/.hidden",
                "/%00/secret.txt", "/secret.txt%00.html",
                "/sub/..%c0%af..%c0%afsecret.txt"):
        answer = livery.get(out)
        s.check(answer.status in (400, 403, 404), "%s: %s" %
                (out, answer.line))
        for words in ("secret words", "root:", "hidden words"):
            s.check(words not in answer.text, "%s was read" % out)
    # On disk, changed: seen.
    tag = livery.get("/style.css").get("ETag") or \
        livery.get("/style.css").get("Last-Modified")
    s.check(tag, "no validator")
    s.write("site/style.css", "h1 { color: green }")
    os.utime(s.path("site", "style.css"), (1, 1))
    s.clock.forward(3600)
    s.until(lambda: livery.get("/style.css").body == b"h1 { color: green }",
            "the change")
