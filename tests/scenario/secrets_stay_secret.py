"""Passwords of the configuration and what clients log in with are in no log,
view, page or message, however much fails."""
import base64
import glob
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    path = s.conf(origin, theme,
                  top={"log_level": "debug", "access_log_format": "json"},
                  theme_options={"username": "look",
                                 "password": "THEMESECRET"},
                  upstream_options={"username": "cms",
                                    "password": "CMSSECRET"})
    livery = s.livery_with("-c", path)
    livery.theme_is_live()
    fields = {"Authorization": "Bearer CLIENTSECRET",
              "Cookie": "session=COOKIESECRET; mine=COOKIESECRET",
              "Proxy-Authorization": "Basic PROXYSECRET"}
    said = ""
    for target in ("/p?max-age=60", "/bad/cl-cl", "/x?status=500",
                   "/bad/head-cut"):
        said += livery.get(target).text
        livery.get(target, fields=fields)
        said += "%s" % livery.get(target, fields=dict(
            fields, **{"X-Forwarded-For": "192.0.2.9"})).fields
    for mode in ("fail", "reset"):
        theme.set("/theme", "mode=" + mode)
        before = livery.metrics()["theme_failed_total"]
        s.clock.forward(400)
        livery.get("/q")
        s.until(lambda: livery.metrics()["theme_failed_total"] > before,
                "a theme that fails")
    held = livery.connect()
    held.ask("/held?hold=1", fields=fields)
    s.until(livery.requests, "the request")
    for page in ("/status", "/metrics", "/requests"):
        said += livery.ask_admin(page).text
    said += s.run("requests", "--admin", "%s:%d" % livery.admin)[1]
    origin.go()
    held.read()
    for words in (("ls",), ("stat",), ("why", "http://www.example.org/p"
                                       "?max-age=60")):
        said += "".join(s.run("cache", *words, "--cache", livery.cache)[1:])
    for view in ("problems", "dressed", "addresses", "entries"):
        said += "".join(str(tuple(row)) for row in
                        livery.rows("SELECT * FROM " + view)
                        if "kind" not in row.keys() or row["kind"] == "page")
    # Into the configuration's URLs nobody may write them, and the complaint
    # does not repeat them.
    path = s.conf("http://me:URLSECRET@127.0.0.1:1/", file="bad.conf")
    for command in ("serve", "check"):
        status, out, err = s.run(command, "-c", path)
        s.equal(status, 2, err)
        s.check("bad.conf:" in err and "username" in err, err)
        said += out + err
    status, out, err = s.run("check", "-c", s.path("livery.conf"))
    said += out + err
    livery.term()
    for log in glob.glob(s.path("*.err")) + glob.glob(s.path("*.log")):
        with open(log, encoding="utf-8", errors="replace") as file:
            said += file.read()
    for secret in ("THEMESECRET", "CMSSECRET", "CLIENTSECRET",
                   "COOKIESECRET", "PROXYSECRET", "URLSECRET"):
        encoded = [base64.b64encode((user + ":" + secret).encode()).decode()
                   for user in ("look", "cms")]
        for form in [secret] + encoded:
            at = said.find(form)
            s.check(at < 0, "%s: %s" % (form, said[max(0, at - 300):at + 60]))
