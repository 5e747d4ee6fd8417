"""A configuration or rules file with a mistake: exit status 2 (or 1), and
file:line with what would be right; all mistakes at once."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    path = s.conf(origin, more="nonsense = 1\ncache { sizemax = 1G }\n")
    status, out, err = s.run("serve", "-c", path)
    s.equal(status, 2, err)
    s.check("livery.conf:" in err and "nonsense" in err, err)
    s.check("sizemax" in err and "size_max" in err, "no suggestion: " + err)
    s.equal(s.run("check", "-c", path)[0], 2)
    # A server that cannot be read is one mistake, not two.
    path = s.conf(more="upstream main {\nservers = { \"%s spare\" }\n}\n"
                  "site main { }\n" % origin.url)
    status, out, err = s.run("check", "-c", path)
    s.equal(status, 2, err)
    s.check("weight=N" in err and "no servers" not in err, err)
    path = s.conf(more="upstream main { servers = { \"%s\", \"%s/b\" } }\n"
                  "site main { }\n" % (origin.url, origin.url))
    s.check("as the first: '/'" in s.run("check", "-c", path)[2], "paths")
    for words, wanted in (
            ({"session": "hash"}, "session_cookie = __ac"),
            ({"session": "insert", "session_cookie": "none"},
             "a name is wanted")):
        status, out, err = s.run("check", "-c", s.conf(
            origin, upstream_options=words))
        s.equal(status, 2, "%r: %s" % (words, out + err))
        s.check(wanted in err, err)
    status, out, err = s.run("check", "-c", s.conf(
        origin, top={"tls_priorities": "none"}))
    s.equal(status, 2, err)
    s.check("tls_priorities: versions" in err, err)
    # Half an address, in the file and in words; a folder that is not there.
    for words in (("-c", s.conf("127.0.0.1:8081")),
                  ("--upstream", "127.0.0.1:8081")):
        status, out, err = s.run("check", "--offline", *words)
        s.equal(status, 2, out + err)
        s.check('"http://127.0.0.1:8081"?' in err, err)
    status, out, err = s.run(
        "check", "--offline", "-c", s.conf(s.path("no-folder")))
    s.equal(status, 1, out + err)
    s.check("upstream main: folder %s: No such file" % s.path("no-folder") in
            out, out + err)
    # What counts for nothing is thought about, and served.
    path = s.conf(origin, upstream_options={"probe_fall": 5})
    said = s.run("check", "-c", path)
    s.equal(said[0], 0, said)
    s.check("livery.conf:" in said[1] and "probe_fall counts for nothing: "
            "there is no probe" in said[1], said)
    s.equal(s.run("check", "--strict", "-c", path)[0], 1)
    # A file that is not there is told with the block that wants it.
    path = s.conf(origin, upstream_options={"ca_file": s.path("no.pem")})
    said = "".join(s.run("check", "-c", path)[1:])
    s.check("upstream main: ca_file " + s.path("no.pem") in said, said)
    s.check("no such option" in s.run("cache", "why", "-c", "/p")[2], "-c")
    path = s.conf(origin, origin, theme_options={
        "rules": s.write("rules.xml", "<rules xmlns='http://namespaces."
                         "plone.org/diazo'>\n\n<nonsense/>\n</rules>")})
    status, out, err = s.run("serve", "-c", path)
    s.equal(status, 2, err)
    s.check("rules.xml:3" in err, err)
    s.equal(s.run("check", "-c", path)[0] in (1, 2), True)
    path = s.conf(origin, origin, theme_options={
        "rules": s.path("no-rules.xml")})
    with open(path, encoding="utf-8") as file:
        line = [n for n, text in enumerate(file, 1) if "no-rules" in text][0]
    status, out, err = s.run("serve", "-c", path)
    s.equal(status, 2, err)
    s.check("livery.conf:%d:" % line in err and "no-rules.xml" in err, err)
    path = s.conf(origin, s.path("no-theme.html"))
    with open(path, encoding="utf-8") as file:
        line = [n for n, text in enumerate(file, 1) if "no-theme" in text][0]
    status, out, err = s.run("serve", "-c", path)
    s.equal(status, 2, err)
    s.check("livery.conf:%d: theme look: %s: No such file" % (
        line, s.path("no-theme.html")) in err, err)
    # Told where the start is watched, and in the log that is asked for.
    path = s.conf(origin, s.path("no-theme.html"),
                  top={"error_log": s.path("error.log")})
    status, out, err = s.run("serve", "-c", path)
    s.equal(status, 2, err)
    s.check("no-theme.html: No such file" in err, err)
    with open(s.path("error.log"), encoding="utf-8") as file:
        s.check("no-theme.html: No such file" in file.read(), "not logged")
    s.equal(s.run("serve", "--no-such-thing")[0], 2)
    s.equal(s.run("serve", "-c", s.path("nowhere.conf"))[0], 2)
    s.equal(s.run("nonsense")[0], 2)
    # Two want one port.
    livery = s.livery(origin)
    status, out, err = s.run(
        "serve", "--listen", "127.0.0.1:%d" % livery.port, "--upstream",
        origin.url, "--cache", s.path("cache", "other.db"))
    s.equal(status, 1, err)
    s.check(str(livery.port) in err, err)
    # check says what is well and what is not.
    rules = {"rules": s.write("good.xml", """<rules
        xmlns="http://namespaces.plone.org/diazo">
        <replace theme-children="//main" content-children="//main"/>
        </rules>""")}
    status, out, err = s.run("check", "-c", s.conf(origin, origin,
                                                   theme_options=rules))
    s.equal(status, 0, out + err)
    dead = s.origin()
    dead.kill()
    status, out, err = s.run("check", "-c", s.conf(origin, dead,
                                                   theme_options=rules))
    s.equal(status, 1, out + err)
    s.check(str(dead.port) in out + err, out + err)
    # A place that a rule wants and the theme has not.
    rules = {"rules": s.write("lost.xml", """<rules
        xmlns="http://namespaces.plone.org/diazo">
        <replace theme-children="//main" content-children="//main"/>
        <replace theme-children="//*[@id='nowhere']" content="//h1"/>
        </rules>""")}
    status, out, err = s.run("check", "-c", s.conf(origin, origin,
                                                   theme_options=rules))
    s.equal(status, 1, out + err)
    s.check("lost.xml:4" in out + err, out + err)
