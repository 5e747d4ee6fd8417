"""A file that the theme names and its host has not is a problem to be seen,
with its whole address; the page is dressed all the same."""
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    theme.set("/theme/logo.png", "status=404")
    livery = s.livery(origin, theme)
    livery.theme_is_live()
    livery.get("/p").must(200, themed=True)
    s.until(lambda: livery.value(
        "SELECT count(*) FROM problems WHERE what = 'theme' AND "
        "url = '%s/theme/logo.png' AND reason = 'status 404'" % theme.url),
            "the problem")
