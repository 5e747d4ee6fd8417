#!/bin/sh
# A page that is read and written again, or dressed by a theme that takes the
# whole body, is what it was: own cases, and html5lib's where they are.
here=${srcdir:-.}/tests/html5lib
shared=${srcdir:-.}/../shared/cases/html5lib/tree-construction
set -- "$here"/own/*.dat
[ -d "$shared" ] && set -- "$@" "$shared"/*.dat
exec "${builddir:-.}/tests/html5lib/same" --theme "$here/identity" \
	--except "$here/identity/unwritable" "$@"
