"""livery apply --theme URL fetches the theme page, follows its redirects, five
at most and to no file, and says what is wrong where it cannot be had."""
from lib import RULES, Scenario

with Scenario() as s:
    theme = s.origin()
    page = s.write("page.html", "<html><head><title>T</title></head><body>"
                                "<main><p>words</p></main></body></html>")

    def apply(target):
        return s.run("apply", "--rules", RULES, "--theme",
                     theme.url + target, page)

    status, out, err = apply("/theme")
    s.equal(status, 0, err)
    s.check("The theme's footer" in out and "<p>words</p>" in out, out)
    theme.set("/moved", "status=302&location=/theme")
    s.equal(apply("/moved")[0], 0)
    theme.set("/packed", "gzip=1&body=<html><body><main>x</main>packed"
                         "</body></html>".replace("<", "%3C"))
    status, out, err = apply("/packed")
    s.check(status == 0 and "packed" in out, out + err)
    secret = s.write("secret.html", "<html><body><main>s3cret</main></body>"
                                    "</html>")
    for name, query, said in (
            ("circle", "status=302&location=/circle", "status 302"),
            ("file", "status=302&location=file://" + secret, "status 302"),
            ("gone", "status=404", "status 404"),
            ("reset", "mode=reset", "reset")):
        theme.set("/" + name, query)
        status, out, err = apply("/" + name)
        s.equal(status, 1, out + err)
        s.check(said in err and name in err, err)
        s.check("s3cret" not in out, out)
    theme.kill()
    status, out, err = apply("/theme")
    s.equal((status, out), (1, ""), err)
