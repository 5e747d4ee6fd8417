"""Who leaves takes an unshared fetch along; what can fill the cache goes on
to its end."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    # A private one: the origin sees its connection go.
    with livery.connect() as client:
        client.ask("/mine?mode=hang", fields={"Cookie": "session=1"})
        s.until(lambda: origin.busy() == 1, "the fetch")
    s.until(lambda: origin.busy() == 0, "the fetch to end", within=3)
    # While a body streams.
    with livery.connect(receive_buffer=4096) as client:
        client.ask("/stream.bin?size=50000000", fields={"Cookie": "s=1"})
        client.read_head()
        s.until(lambda: origin.busy() == 1, "the stream")
    s.until(lambda: origin.busy() == 0, "the stream to end", within=3)
    # One that others may want.
    with livery.connect() as client:
        client.ask("/shared?hold=1&max-age=60")
        s.until(lambda: origin.busy() == 1, "the shared fetch")
    s.until(lambda: not livery.requests(), "the page to go")
    s.equal(origin.busy(), 1, "fetches in the air")
    origin.go()
    livery.stored("/shared?hold=1")
    livery.get("/shared?hold=1&max-age=60").must(200, cache="hit")
    s.equal(origin.count("/shared"), 1)
