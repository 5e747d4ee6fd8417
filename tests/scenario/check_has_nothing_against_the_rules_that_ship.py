"""livery check with the rules that ship and a plain theme ends with status 0."""
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    status, out, err = s.run("check", "-c", s.conf(origin, theme))
    s.equal(status, 0, out + err)
