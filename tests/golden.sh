#!/bin/sh
# The theming cases, as make check runs them: with the program just built.
golden=${srcdir:-.}/tests/golden
"$golden/run" "${LIVERY:?the program to be tested}" &&
	exec "$golden/twins" "$LIVERY"
