#!/bin/sh
# Our own cases of HTML's parser, in html5lib's formats.
own=${srcdir:-.}/tests/html5lib/own
exec "${builddir:-.}/tests/html5lib/run" "$own"/*.dat "$own"/*.test
