#!/usr/bin/python3
"""What one page costs the reference pipeline: lxml.html parses it, libxslt
dresses it, libxslt writes it. Usage: reference.py XSL CONTENT SECONDS [PAGE]

The counterpart of ../bench_theme.c: prints the median in microseconds.
"""
import statistics
import sys
import time

from lxml import etree, html


def main():
    sheet, content, seconds = sys.argv[1:4]
    transform = etree.XSLT(etree.parse(sheet))
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    with open(content, "rb") as opened:
        page = opened.read()
    samples = []
    out = b""
    last = begun = time.perf_counter()
    while len(samples) < 3 or last - begun < float(seconds):
        out = bytes(transform(html.document_fromstring(page, parser=parser),
                              path="'/news'"))
        now = time.perf_counter()
        samples.append((now - last) * 1e6)
        last = now
    print("%.2f" % statistics.median(samples))
    if len(sys.argv) > 4:
        with open(sys.argv[4], "wb") as opened:
            opened.write(out)


main()
