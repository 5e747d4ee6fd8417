"""RFC 9875: answers that name one group go when the answer to an unsafe request
says so; never by a safe one, and never those of another origin."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)

    def of(path, groups):
        return "%s?max-age=600&header=Cache-Groups:%%20%s" % (path, groups)

    def fill(*targets, **more):
        for target in targets:
            livery.get(target, **more).must(200)
            livery.get(target, **more).must(200, cache="hit")

    a = of("/a", "%22one%22,%20%22two%22;p=1")
    b = of("/b", "%22two%20words%22")
    c = of("/c", "%22other%22")
    wrong = of("/w", "one")
    fill(a, b, c, wrong)
    fill(a, host="elsewhere.example.org")
    void = "/form?header=Cache-Group-Invalidation:%20"
    # a safe method, and what is no list
    livery.get(void + "%22one%22").must(200)
    livery.get(void + "%22one", "POST", body=b"x").must(200)
    livery.get(a).must(200, cache="hit")
    livery.get(void + "%22one%22,%20%22two%20words%22", "POST",
               body=b"x").must(200)
    livery.get(a).must(200, cache="miss")
    livery.get(b).must(200, cache="miss")
    livery.get(c).must(200, cache="hit")
    livery.get(wrong).must(200, cache="hit")
    livery.get(a, host="elsewhere.example.org").must(200, cache="hit")
    # a name that somebody's tags have is no group of it, nor the other way
    tagged = "/tagged?max-age=600&header=xkey:%20two"
    fill(tagged, a)
    livery.get("/", "PURGE", fields={"xkey": "two"}).must(200)
    livery.get(a).must(200, cache="hit")
    livery.get(tagged).must(200, cache="miss")
    livery.get(void + "%22two%22&status=500", "DELETE").must(500)
    livery.get(a).must(200, cache="miss")
    livery.get(tagged).must(200, cache="hit")
