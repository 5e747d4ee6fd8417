"""livery check warns of rules that can be read and are not what was meant, with
file:line and what to write instead; --strict makes that a failure, and
--against-cache knows the pages that there are."""
from urllib.parse import quote
from lib import Scenario

DIAZO = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css">
%s
</rules>"""
MAIN = '<replace css:theme-children="main" css:content-children="main"/>'
PAGE = ("max-age=600&body=" + quote(
    "<html><head><title>t</title></head><body><main><p id='one'>words</p>"
    "</main></body></html>"))

with Scenario() as s:
    origin, theme = s.origin(), s.origin()

    def conf(*rules):
        return s.conf(origin, theme, theme_options={
            "rules": s.write("rules.xml", DIAZO % "\n".join(rules))},
            site={"params": ["asked=query:asked"]})

    def check(*words, status=0, config=None):
        got, out, err = s.run("check", "-c", config or s.path("livery.conf"),
                              *words)
        s.check(got == status, "livery check %s ended with %d\n%s%s" %
                (" ".join(words), got, out, err))
        return [line for line in out.splitlines()
                if line.startswith("warn")]

    def warns(rules, *wanted, words=()):
        conf(*rules)
        lines = check(*words)
        s.equal(len(lines), len(wanted), "\n".join(lines))
        for line, (number, text) in zip(lines, wanted):
            s.check("rules.xml:%d: " % number in line and text in line, line)
        if wanted:
            check("--strict", *words, status=1)
        else:
            check("--strict", *words)

    warns([MAIN])
    # Two that do the same.
    warns([MAIN, '<before css:theme="footer" css:content="main"/>',
           '<before css:theme="footer" css:content="main"/>'],
          (5, "does the same, so all stands there twice"))
    warns([MAIN, '<before css:theme="footer" css:content="main"/>',
           '<before css:theme="footer" css:content="main" if-path="/a"/>'])
    # One that never runs: behind a drop, a replace, inside of one.
    warns([MAIN, '<drop css:theme="footer"/>',
           '<replace css:theme="footer" css:content="main"/>',
           '<after css:theme="footer" css:content="main"/>'],
          (5, "can never run: the rule at "))
    warns([MAIN, '<drop css:theme="footer" if-path="/a"/>',
           '<replace css:theme="footer" css:content="main"/>'])
    warns(['<drop css:theme="body"/>',
           '<after css:theme="main" css:content="main"/>'],
          (4, "drops all that it selects"))
    warns([MAIN, '<replace css:theme="footer" css:content="p" '
                 'if-path="/a"/>',
           '<replace css:theme="footer" css:content="h1" if-path="/a"/>'],
          (5, "can never run"))
    # Attributes that nobody reads.
    warns([MAIN, '<drop css:theme="footer" css:if-contnet="p"/>'],
          (4, "<drop> has no css:if-contnet, so it is ignored; did you mean "
              "css:if-content"))
    warns([MAIN, '<rules css:if-path="/a" colour="red"/>'],
          (4, "no css:if-path, so it is ignored; did you mean if-path"),
          (4, "no colour, so it is ignored; take it away"))
    warns([MAIN, '<after css:theme="footer"><include css:content="p" '
                 'theme="p"/></after>'],
          (4, "<include> has no theme"))
    s.write("theme.html", "<html><body><main>m</main></body></html>")
    warns(['<theme href="theme.html" if="false()" prefix="x"/>',
           '<replace css:theme-children="main" css:content="main" mode="raw"'
           ' xml:id="x" css:if-not="p" if-not-path="/b" css:prefix="//"/>'])
    # Two replaces of the same content.
    warns([MAIN, '<replace css:content="p"><b>1</b></replace>',
           '<replace css:content="p"><b>2</b></replace>'],
          (5, "replaces the same content without a condition, and what both"))
    warns([MAIN, '<replace css:content-children="p">1</replace>',
           '<replace css:content-children="p">2</replace>'],
          (5, "and only this one counts"))
    warns([MAIN, '<replace css:content="p" if="$path"><b>1</b></replace>',
           '<replace css:content="p"><b>2</b></replace>'])
    # What no page is given is a mistake.
    conf(MAIN, '<drop css:content="p" if="$asked"/>',
         '<drop css:content="h1" if="$aksed"/>')
    got, out, err = s.run("check", "-c", s.path("livery.conf"))
    s.equal(got, 1)
    s.check("rules.xml:5: " in out and "$aksed is declared" in out, out)
    s.check("rules.xml:4: " not in out, out)
    # Unions.
    warns(['<replace css:theme-children="main" '
           'css:content-children="main, h1"/>',
           '<drop css:content="h1, h2" if-path="/a"/>',
           '<drop css:content="h1, h2"/>'],
          (3, "children"), (4, "the condition is about its last part"))
    # Two selectors for one element.
    warns([MAIN, '<before css:content="#one"><hr/></before>',
           '''<before content="//p[@id='one']"><br/></before>''',
           '''<after content="//p[@id='one']"><br/></after>''',
           '<before css:content="#two"><hr/></before>'],
          (5, "write the same selector in both"))

    # A ruleset of Deliverance.
    s.write("rules.xml", """<ruleset>
<rule>
  <replace theme="children:main" content="children:main"/>
  <drop theme="footer"/>
  <append theme="footer" content="h1" notheme="ignore"/>
  <drop theme="footer"/>
</rule>
</ruleset>""")
    lines = check()
    s.equal(len(lines), 2, "\n".join(lines))
    s.check("rules.xml:5: " in lines[0] and "has dropped it" in lines[0], lines)
    s.check("rules.xml:6: " in lines[1] and "does the same" in lines[1], lines)

    # What no stored page has.
    rules = [MAIN, '<before css:theme="main" css:content="#one"/>',
             '<before css:theme="main" css:content="#two"/>',
             '<drop css:content=".ad"/>',
             '<drop content="//p[$asked]"/>']
    livery = s.livery_with("-c", conf(*rules))
    livery.theme_is_live()
    origin.set("/p", PAGE)
    livery.get("/p").must(200)
    livery.stored("/p")
    for words in (["--against-cache"], ["--against-cache=" + livery.cache],
                  ["--against-cache", livery.cache, "--offline"]):
        warns(rules, (5, "found nothing on any of 1 stored pages"),
              (6, "found nothing"), words=words)
    check("--against-cache", s.path("none.db"), status=1)
