"""A POST, PUT or DELETE that succeeds, and a purge, end what was stored, and what
was on its way; a failed one changes nothing (RFC 9111 4.4)."""
import threading
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    for method in ("POST", "PUT", "DELETE", "PATCH", "MOVE"):
        path = "/" + method.lower()
        target = path + "?max-age=60"
        livery.get(target).must(200)
        livery.get(target).must(200, cache="hit")
        s.equal(origin.count(path), 1)
        livery.get(target, method, body=b"x").must(200)
        livery.get(target).must(200, cache="fwd")
        s.equal(origin.count(path), 3, path)
    livery.get("/kept?max-age=60")
    origin.set("/kept", "status=403")
    livery.get("/kept?max-age=60", "POST", body=b"x").must(403)
    livery.get("/kept?max-age=60").must(200, cache="hit")
    # So does what the answer names: a comment is sent to another address than
    # the page that shows it.
    livery.get("/entry?max-age=60")
    livery.get("/other?max-age=60")
    for location in ("/entry?max-age=60%23comment-7",
                     "http://www.example.org/entry?max-age=60"):
        livery.get("/entry?max-age=60").must(200, cache="hit")
        livery.get("/comments?status=302&location=" + location, "POST",
                   body=b"x").must(302)
        livery.get("/entry?max-age=60").must(200, cache="fwd")
    for location in ("http://other.example/other?max-age=60",
                     "https://www.example.org/other?max-age=60"):
        livery.get("/comments?status=302&location=" + location, "POST",
                   body=b"x").must(302)
    livery.get("/other?max-age=60").must(200, cache="hit")
    # A page is purged while it is on its way.
    first = threading.Thread(
        target=livery.get, args=("/late?max-age=60&delay=700",))
    first.start()
    s.until(lambda: origin.count("/late") == 1, "the question")
    livery.get("/late?max-age=60&delay=700", "PURGE").must((200, 404))
    first.join()
    livery.get("/late?max-age=60&delay=700").must(200, cache="fwd")
    s.equal(origin.count("/late"), 2, "asked again after the purge")
