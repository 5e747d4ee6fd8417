"""livery check --offline asks nothing of the network, and yet finds the place
of every rule in a theme that is a file."""
from lib import Scenario

RULES = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css">
%s
</rules>"""
PLACE = '<replace css:theme-children="main" css:content-children="main"/>'
NO_PLACE = '<replace css:theme="#nowhere" css:content="h1"/>'

with Scenario() as s:
    s.write("theme.html", "<html><head><title>t</title></head><body>"
                          "<main>m</main></body></html>")

    def check(*rules, theme="theme.html", status=0, has=""):
        s.write("rules.xml", RULES % "\n".join(rules))
        words = ["--theme", s.path(theme)] if theme else []
        got, out, err = s.run(
            "check", "--offline", "--upstream", "http://127.0.0.1:9",
            "--cache", "none", "--rules", s.path("rules.xml"), *words)
        s.check(got == status and has in out,
                "%s\nended with %d\n%s%s" % ("\n".join(rules), got, out, err))

    check(PLACE, has="ok    theme")
    check(PLACE, NO_PLACE, status=1,
          has='rules.xml:4: css:theme="#nowhere" finds nothing')
    check(PLACE, PLACE, status=1, has="rules.xml:4: the rule at ")
    # One that the rules name themselves.
    check('<theme href="theme.html"/>', NO_PLACE, theme=None, status=1,
          has='rules.xml:4: css:theme="#nowhere" finds nothing')
    check('<theme href="missing.html"/>', theme=None, status=1,
          has="missing.html is not there")
    check(PLACE, theme="missing.html", status=1, has="missing.html")
    # One that is not a file is not asked for.
    check('<theme href="http://127.0.0.1:9/"/>', NO_PLACE, theme=None)
