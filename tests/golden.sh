#!/bin/sh
# The theming cases, as make check runs them: with the program just built.
exec "${srcdir:-.}/tests/golden/run" "${LIVERY:?the program to be tested}"
