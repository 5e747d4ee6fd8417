#!/bin/sh
# The theming cases, as make check runs them: with the program just built.
golden=${srcdir:-.}/tests/golden
: "${LIVERY:?the program to be tested}"
"$golden/rows" &&
	"$golden/run" "$LIVERY" &&
	"$golden/twins" "$LIVERY" || exit
[ -x /usr/bin/python3 ] || exit 0
exec "$golden/xslt/compare" "$LIVERY"
