"""Parameters of the rules come from the request as the site says; what depends
on a field of one request is shown to nobody else."""
from lib import Scenario

RULES = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css">
  <replace css:theme-children="main" css:content-children="main"/>
  <before css:theme-children="main">[a={$ajax} s={$site} l={$lang} m={$mob}
    h={$host}]</before>
  <notheme if="$ajax = 'yes please'"/>
</rules>""".replace("[", "<i class='").replace("]", "'></i>")

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    with open(s.path("rules.xml"), "w", encoding="utf-8") as file:
        file.write(RULES)
    livery = s.livery(origin, theme, theme_options={
        "rules": s.path("rules.xml")}, site={
        "params": ["ajax=query:ajax_load", "site=constant:https://x/?a=1",
                   "lang=cookie:lang", "mob=header:X-Mobile"],
        "ignore_cookies": ["lang"]})
    livery.theme_is_live()
    livery.get("/p?max-age=60&x=1").must(200, themed=True,
                                         has=["s=https://x/?a=1 l= m="])
    first = livery.get("/p?max-age=60", fields={"Cookie": "lang=de"}).must(
        200, themed=True, has="l=de")
    s.check("Cookie" in ", ".join(first.all("Vary")), "Vary has Cookie")
    livery.get("/p?max-age=60", fields={"X-Mobile": "yes"}).must(
        200, cache="hit", has=["l= m=yes", "h=www.example.org"])
    livery.get("/p?max-age=60", fields={"Cookie": "lang=en"}).must(
        200, cache="hit", has="l=en", lacks="m=yes")
    s.equal(origin.count("/p"), 2)
    livery.get("/q?ajax_load=yes+please").must(200, themed=False)
