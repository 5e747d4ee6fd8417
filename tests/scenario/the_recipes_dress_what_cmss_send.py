"""The rules in contrib/recipes, each with a page shaped like its CMS's own:
nothing to mend, and what a visitor and an editor need is there."""
import os
import lib
from lib import Scenario

RECIPES = os.path.join(lib.SOURCE, "contrib/recipes")
THEMES = os.path.join(lib.SOURCE, "themes")
PAGE = """<!DOCTYPE html><html lang="en"><head><title>%s</title></head>
<body class="%s">%s</body></html>"""

WORDPRESS = PAGE % ("Entry", "single logged-in admin-bar", """
<svg role="none" id="filter"></svg>
<div id="wpadminbar"><a href="/wp-admin/">Edit</a></div>
<div class="wp-site-blocks"><header>Not this</header>
<main><p>The entry's words</p></main><footer>Nor this</footer></div>
<script id="late">1</script>""")
EMBED = PAGE % ("Embedded", "single", """
<div class="wp-embed post-1"><p>The entry's words</p></div>""")
MEDIAWIKI = PAGE % ("Page", "mediawiki skin-vector", """
<div id="mw-page-base"></div><div id="mw-head-base"></div>
<div id="content" class="mw-body" role="main"><h1>Page</h1>
<div id="mw-content-text"><p>The page's words</p></div></div>
<div id="mw-navigation"><div id="mw-head">
<nav id="p-personal"><ul><li id="pt-login">Log in</li></ul></nav>
<nav id="p-views"><ul><li id="ca-edit">Edit</li></ul></nav>
<div id="p-search"><form action="/index.php"></form></div></div>
<div id="mw-panel"><div id="p-logo">Not this</div>
<nav id="p-navigation">Recent changes</nav></div></div>
<footer id="footer"><ul id="footer-places"><li>Privacy</li></ul></footer>""")
DOKUWIKI = PAGE % ("start", "", """
<div id="dokuwiki__site"><div id="dokuwiki__top"
 class="site dokuwiki mode_show"><header id="dokuwiki__header">
<h1>Not this</h1><div id="dokuwiki__usertools">Log In</div>
<div id="dokuwiki__sitetools">Recent Changes</div></header>
<main id="dokuwiki__content"><div class="page">The page's words</div></main>
<nav id="dokuwiki__pagetools">Edit this page</nav></div></div>
<div class="no"><img src="/lib/exe/taskrunner.php?id=start" alt=""></div>""")


def served(s, recipe, page, theme):
    """The dressed page, after `livery check` found nothing."""
    with open(os.path.join(RECIPES, recipe), encoding="utf-8") as file:
        rules = file.read().replace("/usr/share/livery/themes", THEMES)
    folder = os.path.dirname(s.write("site/index.html", page))
    blocks = {"theme_options": {
        "url": os.path.join(THEMES, theme, "theme.html"),
        "rules": s.write("rules.xml", rules), "rules_root": THEMES},
        "cache": {"file": "none"}}
    conf = s.conf(folder, "file:", **blocks)
    status, out, err = s.run("check", "-c", conf)
    s.equal(status, 0, out + err)
    livery = s.livery(folder, "file:", **blocks)
    answer = livery.get("/")
    livery.term()
    return answer


with Scenario() as s:
    for theme in ("default", "plain-diazo"):
        served(s, "wordpress.xml", WORDPRESS, theme).must(
            200, has=["The entry's words", 'id="wpadminbar"', 'id="filter"',
                      'id="late"', "admin-bar"],
            lacks=["Not this", "Nor this"])
        s.check(served(s, "wordpress.xml", EMBED, theme).theme is None,
                "an embedded entry is left alone")
        served(s, "mediawiki.xml", MEDIAWIKI, theme).must(
            200, has=["The page's words", "pt-login", "ca-edit", "p-search",
                      "Recent changes", "Privacy", "skin-vector"],
            lacks=["Not this", "mw-head-base"])
        served(s, "dokuwiki.xml", DOKUWIKI, theme).must(
            200, has=["The page's words", "Log In", "Recent Changes",
                      "Edit this page", "taskrunner.php", "mode_show"],
            lacks="Not this")
