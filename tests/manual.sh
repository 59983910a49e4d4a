#!/bin/sh
# Manual pages without a complaint, and the words of the programs all in them.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
status=0
for page in contrib/man/*.[158]; do
	mandoc -T lint -W warning "$page" || status=1
done
for verb in $("$build/dangolctl" --verbs); do
	grep -q "^\.It Cm $verb" contrib/man/dangolctl.1 || { echo "dangolctl.1 lacks the verb $verb"; status=1; }
done
exit $status
