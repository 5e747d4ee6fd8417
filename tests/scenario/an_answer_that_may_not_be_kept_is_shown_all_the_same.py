"""A stored, dressed page became private, an error or a redirect at its
upstream: that is what the next client gets, not the old page in its dress."""
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme)
    livery.theme_is_live()
    became = (("cc=private", 200), ("cc=no-store", 200), ("max-age=0", 200),
              ("status=404", 404), ("status=302&location=/x", 302),
              ("type=text/plain&cc=no-store", 200))
    for number in range(len(became)):
        target = "/p%d?max-age=60" % number
        livery.get(target).must(200, themed=True)
        livery.get(target).must(200, themed=True, cache="hit")
    livery.get("/old?cc=max-age=60,must-revalidate").must(200, themed=True)
    s.clock.forward(100)
    for number, (query, status) in enumerate(became):
        target = "/p%d?max-age=60" % number
        origin.set("/p%d" % number, query + "&text=the+new+one" if status != 302
                   else query + "&body=the+new+one")
        if "plain" in query:
            origin.set("/p%d" % number, query + "&body=the+new+one")
        for _ in range(2):
            livery.get(target).must(status, has="the new one")
    # Who asks only for what is here gets 504, not what is too old.
    livery.get("/old?cc=max-age=60,must-revalidate", fields={
        "Cache-Control": "only-if-cached"}).must(504)
