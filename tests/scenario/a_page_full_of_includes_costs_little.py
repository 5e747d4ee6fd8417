"""A page whose includes are many, alike, unended or badly written takes no
worker for long, and keeps its text."""
import os
from lib import Scenario

# To the thread sanitizer each search reads all of the text that is left.
PARTS = 20 if os.environ.get("LIVERY_TEST_SANITIZER") == "thread" else 600
ENDLESS = ("<!--#include ", "<esi:include ", "<esi:remove>", "<!--esi ")
PAGE = "<html><head><title>t</title></head><body><main>%s</main></body></html>"


def folder_page(s, name, inside):
    with open(s.path("site", name), "w", encoding="utf-8") as file:
        file.write(PAGE % inside)


with Scenario() as s:
    theme = s.origin()
    folder = s.path("site")
    os.makedirs(folder)
    for n, word in enumerate(ENDLESS):
        folder_page(s, "endless%d.html" % n,
                    "kept" + "<script>%s</script>" % (word * 60000))
    folder_page(s, "alike.html", "kept" + 3000 *
                '<!--#include virtual="/big.html;filter_xpath=//*[@id=\'p\']"'
                ' -->')
    folder_page(s, "big.html", "<p id='p'>part</p>" + "<i>x</i>" * 60000)
    folder_page(s, "many.html", "kept" + "".join(
        "<script>%s</script>" % "".join(
            '<!--#include virtual="/none%d-%d" -->' % (part, n)
            for n in range(100)) for part in range(PARTS)))
    folder_page(s, "odd.html", "kept" +
                '<!--#include virtual=" /a b\u00fc.html " -->')
    folder_page(s, "a b\u00fc.html", "<b>odd one</b>")
    livery = s.livery("file://" + folder, theme, site={"includes": "both"})
    livery.theme_is_live()
    for page in ["endless%d" % n for n in range(4)] + ["alike", "many"]:
        before = livery.cpu_seconds()
        said = livery.get("/%s.html" % page).must(200, themed=True, has="kept",
                                                  within=20)
        s.bound("seconds for " + page, livery.cpu_seconds() - before,
                s.within(3))
        if page == "alike":
            s.equal(said.text.count("part</p>"), 3000)
    livery.problem("fragments_max")
    livery.get("/odd.html").must(200, themed=True, has="<b>odd one</b>")
