"""livery check asks for the files that a theme refers to, and names each that
is not there: the theme's page with its line, and the file's whole address."""
from lib import Scenario

THEME = """<!DOCTYPE html>
<html><head><title>look</title>
<link rel="stylesheet" href="css/there.css">
<link rel="stylesheet" href="css/gone.css?v=1">
</head><body>
<main></main>
<img src="/img/none.png" alt="">
</body></html>
"""
RULES = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css">
<replace css:theme-children="main" css:content-children="main"/>
</rules>"""


with Scenario() as s:
    origin, theme = s.origin(), s.origin()

    def check(conf, *words, status=0):
        got, out, err = s.run("check", "-c", conf, *words)
        s.check(got == status, "ended with %d\n%s%s" % (got, out, err))
        return [line for line in out.splitlines() if "not there" in line or
                "no answer" in line]

    # From a web server.
    conf = s.conf(origin, theme)
    s.equal(check(conf), [])
    theme.set("/theme/logo.png", "status=404")
    theme.set("/theme/menu.js", "status=410")
    theme.set("/theme/style.css", "status=405")
    said = check(conf)
    s.equal(len(said), 2, said)
    for name, status in (("logo.png", 404), ("menu.js", 410)):
        line = [line for line in said if name in line][0]
        s.check(line.startswith("warn") and
                "%s/theme:" % theme.url in line and
                "%s/theme/%s is not there: status %d" % (
                    theme.url, name, status) in line, line)
    check(conf, "--strict", status=1)

    # From a folder.
    s.write("look/css/there.css", "p { color: red }")
    rules = s.write("look/rules.xml", RULES)
    page = s.write("look/theme.html", THEME)
    said = check(s.conf(origin, page, theme_options={"rules": rules}))
    s.equal(len(said), 2, said)
    s.check("look/theme.html:4: " in said[0] and
            "look/css/gone.css?v=1 is not there" in said[0], said)
    s.check("look/theme.html:7: " in said[1] and
            "look/img/none.png is not there" in said[1], said)
