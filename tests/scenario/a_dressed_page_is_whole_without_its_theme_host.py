"""The theme's host is killed and livery restarted: every src, href, srcset and
CSS reference of a dressed page still answers 200."""
from urllib.parse import quote, urljoin
from lib import References, Scenario, css_references

PAGE = """<!DOCTYPE html><html><head><title>T</title>
<link rel="stylesheet" href="/theme/style.css">
<link rel="stylesheet" href="theme/print.css" media="print">
<link rel="icon" href="/theme/icon.png">
<style>@import "/theme/inline.css"; h1 { background: url(theme/h1.png) }</style>
<script src="/theme/menu.js"></script></head>
<body style="background: url('/theme/body.png')">
<header><img src="/theme/logo.png" srcset="/theme/logo.png 1x,
 /theme/logo2.png 2x" alt=""><img src="theme/a%20b.png?v=1" alt=""></header>
<main id="content">x</main><footer>The theme's footer</footer></body></html>"""


def references(livery, page):
    """All that the page needs from livery's theme folder."""
    seen, todo = {}, [urljoin("/p", found) for found in References(
        page.text).found + css_references(page.text)]
    while todo:
        address = todo.pop()
        if address in seen or not address.startswith("/.livery/"):
            continue
        seen[address] = answer = livery.get(address)
        if answer.status == 200 and "css" in answer.get("Content-Type", ""):
            todo += [urljoin(address, found)
                     for found in css_references(answer.text)]
    return seen


with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    theme.set("/theme", "body=" + quote(PAGE))
    livery = s.livery(origin, theme)
    livery.theme_is_live()
    before = references(livery, livery.get("/p?max-age=9999").must(
        200, themed=True))
    print("\n".join(sorted(before)))
    s.equal([a for a, got in before.items() if got.status != 200], [],
            "missing while the host lives")
    s.check(len(before) >= 12, "only %d references: %s" %
            (len(before), sorted(before)))
    livery.theme_files_are_there(len(before))
    theme.kill()
    livery.term()
    livery = livery.again()
    page = livery.get("/p?max-age=9999").must(200, themed=True)
    after = references(livery, page)
    s.equal(sorted(after), sorted(before), "references")
    for address, answer in after.items():
        answer.must(200, within=1)
        s.equal(answer.body, before[address].body, address)
        s.equal(answer.get("Content-Type"),
                before[address].get("Content-Type"), address)
    # Long after, and after a crash too.
    livery.kill()
    s.clock.forward(30 * 24 * 3600)
    livery = livery.again()
    for address in before:
        livery.get(address).must(200)
    livery.get("/new").must(200, themed=True)
    # What is not the theme's is not served from there.
    livery.get("/.livery/t/look/etc/passwd").must((404, 502, 504))
    livery.get("/.livery/t/other/theme/logo.png").must(404)
    livery.get("/.livery/").must(404)
