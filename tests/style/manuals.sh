#!/bin/sh
# The manuals are clean mdoc, as far as mandoc can tell.
cd "${srcdir:-$(dirname "$0")/../..}" || exit 99
command -v "${MANDOC:-mandoc}" >/dev/null || { echo 'no mandoc here'; exit 77; }
"${MANDOC:-mandoc}" -T lint -W warning doc/*.[1-9]
