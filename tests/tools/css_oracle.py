#!/usr/bin/python3
"""Compare the table of tests/unit/test_dom_css.c with python3-cssselect.

Every row of the table that is marked AGREES is translated by cssselect's
GenericTranslator and evaluated by lxml on the same document; the ids of what
it selects must be those of the row. Rows marked DIFFERS are where we follow
the standard and cssselect does not; they are listed with what it selects.

    css_oracle.py            compare, exit 1 on a difference
    css_oracle.py --print    write the rows anew, for selectors on stdin
"""
import ast
import os
import re
import sys

import cssselect
import lxml.etree

HERE = os.path.dirname(os.path.abspath(__file__))
TEST = os.path.join(HERE, "..", "unit", "test_dom_css.c")


def c_string(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def read_c(source, name):
    """The text of static const char name[] = "..." "..."; """
    block = re.search(r"%s\[\] =\n(.*?);\n" % name, source, re.S).group(1)
    text = "".join(map(ast.literal_eval,
                       re.findall(r'"(?:[^"\\]|\\.)*"', block)))
    return text.encode("latin-1")


def select(document, selector):
    try:
        xpath = cssselect.GenericTranslator().css_to_xpath(selector)
        found = document.xpath(xpath)
    except Exception as error:
        return "error: %s" % error
    return " ".join(node.get("id") for node in found)


def main():
    with open(TEST, encoding="utf-8") as f:
        source = f.read()
    document = lxml.etree.fromstring(read_c(source, "document"))
    if sys.argv[1:] == ["--print"]:
        for line in sys.stdin:
            line = line.rstrip("\n")
            print("\t{AGREES, %s,\n\t    %s}," % (
                c_string(line), c_string(select(document, line))))
        return 0
    string = r'"(?:[^"\\]|\\.)*"'
    rows = re.findall(r"\{(AGREES|DIFFERS), ((?:%s\s*)+),\s*((?:%s\s*)+)\}"
                      % (string, string), source)
    bad = 0
    for mark, selector, ids in rows:
        selector = "".join(map(ast.literal_eval, re.findall(string, selector)))
        ids = "".join(map(ast.literal_eval, re.findall(string, ids)))
        theirs = select(document, selector)
        if (theirs == ids) != (mark == "AGREES"):
            bad += 1
            print("%s: %s\n  ours:   %s\n  theirs: %s"
                  % (mark, selector, ids, theirs))
    print("%d rows, %d wrong" % (len(rows), bad))
    return 1 if bad or not rows else 0


sys.exit(main())
