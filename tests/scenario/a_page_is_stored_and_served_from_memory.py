"""A page that its headers allow to be stored is asked for once, served from
memory as long as it is fresh, and asked for again, with its validators, when it
is not."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    target = "/p?max-age=1000&etag=one&header=X-Own:%20yes"
    first = livery.get(target).must(200, cache="fwd=uri-miss")
    hit = livery.get(target).must(200, cache="hit")
    s.equal(hit.body, first.body)
    s.equal(hit.get("X-Own"), "yes")
    s.check(0 <= int(hit.get("Age")) <= 5, hit.get("Age"))
    head = livery.get(target, "HEAD").must(200, cache="hit")
    s.equal(head.get("Content-Length"), str(len(first.body)))
    s.equal(origin.count("/p"), 1)
    s.clock.forward(600)
    hit = livery.get(target).must(200, cache="hit")
    s.check(600 <= int(hit.get("Age")) <= 605, hit.get("Age"))
    # Other queries and hosts are other pages; other hosts' ports too.
    livery.get(target + "&x=1").must(200, cache="uri-miss")
    livery.get(target, host="other.example").must(200, cache="uri-miss")
    livery.get(target, host="WWW.example.org").must(200, cache="hit")
    # Stale: asked again, 304, and good for longer.
    origin.set("/p", "max-age=9000&etag=one")
    s.clock.forward(600)
    again = livery.get(target).must(200)
    s.equal(again.body, first.body)
    head = origin.last("/p")
    s.check('If-None-Match: "one"' in head, head)
    count = origin.count("/p")
    livery.get(target).must(200, cache="hit")
    s.equal(origin.count("/p"), count)
    # The client's own validators.
    livery.get(target, fields={"If-None-Match": '"one"'}).must(304)
    livery.get(target, fields={"If-None-Match": '"two"'}).must(200)
    # It is in the file, and livery finds it there.
    livery.stored("/p?max-age=1000")
    livery.term()
    livery = livery.again()
    livery.get(target).must(200, cache="hit", has="Page /p")
    s.equal(origin.count("/p"), count)
    # A change of the page comes through.
    origin.set("/p", "max-age=90000&etag=two&text=changed")
    s.clock.forward(9000)
    livery.get(target).must(200, has="changed")
