"""What each command answers to words it does not know: exit status 2 and what
would be right, before anything is started; 1 where asking was in vain."""
from lib import Scenario

CASES = (
    # words, status, what is said
    ((), 2, "usage:"),
    (("serv",), 2, "did you mean 'serve'"),
    (("serve",), 2, "nothing to serve"),
    (("serve", "--offline", "--upstream", "http://127.0.0.1:1"), 2,
     "livery serve: unrecognized option '--offline'"),
    (("serve", "--upstream"), 2, "livery serve: option '--upstream'"),
    (("serve", "more", "--upstream", "http://127.0.0.1:1"), 2,
     "'more' is no option"),
    (("serve", "--upstream", "gopher://x"), 2, "--upstream: 'gopher://x'"),
    (("serve", "--upstream", "http://a:b@127.0.0.1:1"), 2, "username"),
    (("serve", "--upstream", "http://127.0.0.1:1", "--listen", "x"), 2,
     "--listen: 'x': say address:port"),
    (("serve", "--upstream", "http://127.0.0.1:1", "--listen",
      "127.0.0.1:70000"), 2, "no port"),
    (("serve", "-c", "/nonexistent.conf"), 2, "/nonexistent.conf"),
    (("check", "more"), 2, "'more' is no option"),
    (("check", "--nonsense"), 2, "livery check: unrecognized option"),
    (("check", "--offline", "--upstream", "http://127.0.0.1:1", "--cache",
      "none"), 0, ""),
    (("check", "--upstream", "http://127.0.0.1:1", "--cache", "none"), 1,
     "FAIL"),
    (("apply",), 2, "usage: livery apply"),
    (("apply", "--nonsense"), 2, "livery apply: unrecognized option"),
    (("apply", "--rules", "/nonexistent", "x"), 2, "/nonexistent"),
    (("apply", "--param", "=x", "--rules", "r", "c"), 2, "NAME=VALUE"),
    (("cache",), 2, "ls, show, why, purge, stat, warm"),
    (("cache", "warm"), 2, "needs a sitemap"),
    (("cache", "warm", "--rate", "1.5", "x"), 2, "1 to 10000"),
    (("cache", "warm", "--through", "nowhere", "x"), 2, "nowhere"),
    (("cache", "warm", "x", "y"), 2, "one sitemap only"),
    (("cache", "warm", "--nonsense", "x"), 2, "nonsense"),
    (("cache", "lsx"), 2, "there is no lsx"),
    (("cache", "show"), 2, "show needs a URL"),
    (("cache", "why", "--cache"), 2, "no value"),
    (("cache", "purge"), 2, "one of URL, --tag T, --regex RE, --all"),
    (("cache", "purge", "--all", "x"), 2, "one of URL, --tag T, --regex RE, --all"),
    (("cache", "stat", "a", "b"), 2, "one URL only"),
    (("cache", "ls", "--cache", "/nonexistent"), 1, "/nonexistent"),
    (("cache", "ls", "--cache", "/etc/passwd"), 1, "not a database"),
    (("requests", "--admin", "127.0.0.1:1"), 1, "nobody answers"),
    (("requests", "--admin", "nonsense"), 2, "say address:port"),
    (("requests", "--upstream", "http://x"), 2,
     "livery requests: unrecognized option"),
    (("requests", "kill"), 2, "usage: livery requests"),
    (("requests", "kill", "x"), 2, "usage: livery requests"),
    (("help", "nonsense"), 2, "no command"),
    (("help", "serve"), 0, "--listen"),
    (("--version",), 0, "built with"),
)

with Scenario() as s:
    for words, wanted, words_said in CASES:
        status, out, err = s.run(*words)
        name = "livery " + " ".join(words)
        s.equal(status, wanted, name + "\n" + out + err)
        s.check(words_said in out + err, "%s says:\n%s" % (name, out + err))
    # A query behind an upstream's URL has its line.
    path = s.conf("http://127.0.0.1:1/x?y=1")
    status, out, err = s.run("serve", "-c", path)
    s.equal(status, 2, err)
    s.check("livery.conf:" in err and "query" in err, err)
