"""Of an address whose answers were not kept nobody looks whether it is stored:
the upstream is asked straight away. As soon as its answer may be kept it is,
as soon as it is a page it is dressed, and what others may not have they never
get."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin, s.origin())
    livery.theme_is_live()
    # It passes, again and again, and each time as the upstream says.
    target = "/it?type=application/json&cc=no-store&body=%s"
    for i in range(4):
        said = livery.get(target % i).must(200, cache="uri-miss")
        s.equal(said.text, str(i))
        s.check(not said.theme, said.head)
    s.equal(origin.count("/it"), 4)
    livery.get(target % 3, "HEAD").must(200, cache="fwd=")
    livery.get(target % 3, fields={
        "Cache-Control": "only-if-cached"}).must(504)
    # The same address may be kept from now on.
    target = "/kept?type=application/json"
    origin.set("/kept", "cc=no-store&body=no")
    for i in range(3):
        livery.get(target).must(200, cache="uri-miss")
    origin.set("/kept", "max-age=600&body=yes")
    livery.get(target).must(200, cache="uri-miss; fwd-status=200; stored")
    for i in range(3):
        s.equal(livery.get(target).must(200, cache="hit").text, "yes")
    s.equal(origin.count("/kept"), 4)
    # Or it is a page now: dressed, and dressed when it is kept.
    origin.set("/page", "type=application/json&cc=no-store")
    for i in range(3):
        livery.get("/page").must(200, cache="uri-miss", themed=False)
    origin.set("/page", "cc=no-store")
    for i in range(2):
        livery.get("/page").must(200, cache="uri-miss", themed=True)
    origin.set("/page", "max-age=600")
    livery.get("/page").must(200, cache="stored", themed=True)
    livery.get("/page").must(200, cache="hit", themed=True)
    # What is one client's own stays so.
    origin.set("/own", "type=application/json&cc=no-store")
    for i in range(3):
        livery.get("/own").must(200)
    origin.set("/own", "type=application/json&max-age=600")
    livery.get("/own", fields={"Cookie": "__ac=x"}).must(
        200, cache="fwd=bypass")
    livery.get("/own").must(200, cache="uri-miss")
    livery.get("/own").must(200, cache="hit")
