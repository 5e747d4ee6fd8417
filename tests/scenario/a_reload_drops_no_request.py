"""HUP under load: no request is dropped, what is new holds at once, what is in
hand ends as it began; a configuration, rules file or theme with a mistake
leaves everything as it was."""
from lib import RULES, SLOW, Scenario

with Scenario() as s:
    one, two, theme = s.origin(), s.origin(), s.origin()
    one.set("/who", "text=the+first")
    two.set("/who", "text=the+second")
    rules = s.write("rules.xml", open(RULES, encoding="utf-8").read())
    livery = s.livery(one, theme, theme_options={"rules": rules})
    livery.theme_is_live()
    crowd = s.crowd(livery, "/p%d?max-age=60&delay=20", "-r", int(300 / SLOW), "-t",
                    4 * s.within(1), wait=False)
    slow = livery.connect()
    slow.ask("/who?hold=1")
    s.until(lambda: one.count("/who"), "the slow one")
    one.set("/who", "text=the+first")
    for turn in range(6):
        upstream = (two, one)[turn % 2]
        s.conf(upstream, theme, theme_options={"rules": rules},
               top={"listen": livery.words and ["127.0.0.1:0"]})
        s.check(livery.reload(), "it was refused: " + livery.errors())
        livery.get("/who").must(200, themed=True, has=(
            "the second", "the first")[turn % 2])
    one.go()
    slow.read().must(200, has="Page /who")
    figures = crowd()
    s.equal(figures["failed"], 0, "requests failed: %s" % figures)
    s.equal(list(figures["status"]), ["200"], figures)
    # Mistakes: said with file and line, and nothing changes.
    for words, said in (
            ("nonsense = 1\n", "nonsense"),
            ("fetch { engines = many }\n", "engines"),
            ("upstream x { url = \"gopher://x/\" }\n"
             "site x { upstream = x }\n", "gopher"),
            ("site y { upstream = nobody hosts = {\"y.example\"} }\n",
             "nobody")):
        path = s.conf(two, theme, theme_options={"rules": rules}, more=words)
        s.check(not livery.reload(), "it was taken: " + words)
        line = [line for line in livery.errors().splitlines()
                if said in line][-1]
        s.check("livery.conf:" in line, line)
        livery.get("/who").must(200, themed=True, has="the first")
        s.check(path, path)
    s.conf(one, theme, theme_options={"rules": rules})
    s.write("rules.xml", "<rules>\n<not closed\n</rules>")
    livery.reload()
    livery.get("/after-rules").must(200, themed=True)
    s.until(lambda: "rules.xml:" in livery.errors(), "file and line")
    livery.problem("rules.xml")
    # Good rules again, with a change that shows.
    s.write("rules.xml", open(RULES, encoding="utf-8").read().replace(
        "</rules>", "<after css:theme-children='footer'><b>new rule</b>"
        "</after></rules>").replace(
            "<rules ", "<rules xmlns:css='http://namespaces.plone.org/diazo"
            "/css' ", 1))
    s.check(livery.reload(), livery.errors())
    s.until(lambda: "new rule" in livery.get("/who").text, "the new rules")
    s.equal(livery.is_running(), True)
