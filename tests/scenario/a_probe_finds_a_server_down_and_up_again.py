"""A server whose probe fails is asked by nobody, and is back after so many
good ones; without any server there is no waiting, and a stale copy serves."""
import json

from lib import Scenario

with Scenario() as s:
    one, two = s.origin(), s.origin()
    livery = s.livery(more="""
upstream main {
	servers = {"%s", "%s"}
	probe = "/well?text=ok"
	probe_interval = 30ms
	probe_fall = 2
	probe_rise = 3
	host = "cms.example"
}
site main { upstream = main }
""" % (one.url, two.url))

    def state(origin):
        servers = json.loads(livery.ask_admin("/servers").text)
        return [server["state"]
                for server in servers["upstreams"][0]["servers"]
                if server["server"] == origin.url][0]

    s.until(lambda: one.count("/well") > 2 and two.count("/well") > 2,
            "both to be probed")
    s.check("Host: cms.example" in one.last("/well"), "its name is sent")
    livery.get("/kept?max-age=1").must(200)

    two.set("/well", "status=500")
    s.until(lambda: state(two) == "down", "the second to be found down")
    two.zero()
    for i in range(10):
        livery.get("/p%d" % i).must(200)
    s.equal(sum(two.count("/p%d" % i) for i in range(10)), 0, "asked")
    two.set("/well")
    s.until(lambda: state(two) == "well", "the second to be up again")
    for i in range(10):
        livery.get("/q%d" % i).must(200)
    s.check(sum(two.count("/q%d" % i) for i in range(10)) > 0, "asked again")

    # a probe that hangs is a bad one
    livery.get("/kept?max-age=1").must(200)
    for origin in (one, two):
        origin.set("/well", "status=404")
    s.until(lambda: state(one) == "down" and state(two) == "down",
            "both to be down")
    livery.get("/never-seen").must(503, has="no-server")
    s.clock.forward(100)
    livery.get("/kept?max-age=1").must(200, has="Page /kept")
    livery.reload()
    livery.get("/never-seen").must(503)
    two.set("/well")
    s.until(lambda: state(two) == "well", "one to be up again")
    livery.get("/never-seen").must(200)
    s.equal(two.count("/never-seen"), 1, "asked")
    livery.end()

    # one server alone is found well again too
    for origin in (one, two):
        origin.set("/well")
    livery = s.livery(one, upstream_options={
        "probe": "/well", "probe_interval": "30ms", "probe_fall": 1,
        "probe_rise": 1})
    one.set("/well", "status=500")
    s.until(lambda: state(one) == "down", "the only one to be down")
    livery.get("/alone").must(503, has="no-server")
    one.set("/well")
    s.until(lambda: state(one) == "well", "the only one to be up again")
    livery.get("/alone").must(200)
