"""A redirect of the upstream to its own address sends the client to ours;
others pass as they are."""
from urllib.parse import quote
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)

    def location(to):
        return livery.get("/go?status=302&location=" + quote(to),
                          host="www.example.org:81").must(302).get("Location")

    s.equal(location(origin.url + "/there?x=1#y"),
            "http://www.example.org:81/there?x=1#y")
    s.equal(location(origin.url), "http://www.example.org:81")
    s.equal(location("/there"), "/there")
    s.equal(location("https://other.example/x"), "https://other.example/x")
    s.equal(location(origin.url + "1/x"), origin.url + "1/x")
    livery.end()
    livery = s.livery(origin, site={"map_redirects": False})
    s.equal(location(origin.url + "/there"), origin.url + "/there")
