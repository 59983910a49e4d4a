#!/bin/sh
# Manual pages without a complaint, and in them every verb, key and word of the programs: nothing is there that no page
# tells of.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
man=contrib/man
status=0
lacks() { # PAGE WHAT
	echo "$1 lacks $2"
	status=1
}

for page in "$man"/*.[158]; do
	mandoc -T lint -W warning "$page" || status=1
done

# Verbs and their options.
verbs=$("$build/dangolctl" --verbs)
[ -n "$verbs" ] || lacks "$build/dangolctl" "verbs"
while IFS= read -r line; do
	verb=$(printf '%s' "$line" | cut -f1)
	entry=$(grep -A 1 "^\.It Cm $verb\( [A-Z]\|$\)" "$man/dangolctl.1") || lacks dangolctl.1 "the verb $verb"
	for option in $(printf '%s' "$line" | cut -f3); do
		case $entry in
		*"Fl -${option#--}"*) ;;
		*"Fl -$(printf '%s' "${option#--}" | tr -d =)"*) ;;
		*) lacks dangolctl.1 "the option $option of $verb" ;;
		esac
	done
done <<END
$verbs
END

# Keys of dangol.conf, each in its block's section, in both spellings.
blocks=$(sed -n 's/^ *{"\([a-z]*\)", "\([^"]*\)", \(true\|false\),.*/\1\t\2/p' daemon/config_keys.c)
keys=$(sed -n 's/^ *{"\([a-z]*\)", "\([a-z-]*\)", \(NULL\|"\([^"]*\)"\),.*/\1\t\2\t\4/p' daemon/config_keys.c)
[ -n "$blocks" ] && [ -n "$keys" ] || lacks config_keys.c "a table that this test can read"
section() { # the entries below ".Ss TITLE…"
	awk -v title=".Ss $1" '/^\.S[sh]/ { on = index($0 " ", title " ") == 1 } on' "$man/dangol.conf.5"
}
while IFS= read -r line; do
	name=$(printf '%s' "$line" | cut -f1)
	korean=$(printf '%s' "$line" | cut -f2)
	[ -n "$(section "$name | $korean")" ] || lacks dangol.conf.5 "the block $name | $korean"
done <<END
$blocks
END
while IFS= read -r line; do
	block=$(printf '%s' "$line" | cut -f1)
	name=$(printf '%s' "$line" | cut -f2)
	korean=$(printf '%s' "$line" | cut -f3)
	section "${block:-Outside of the blocks}" | grep -q "^\.It Ic $name${korean:+ | $korean}\( \|$\)" ||
		lacks dangol.conf.5 "the key $name${korean:+ | $korean} of ${block:-no block}"
done <<END
$keys
END

# Names of the rule language and the types of events, in both spellings; of its words build/tests/test_manual takes care.
words() {
	sed -n 's/^ *{\("[^"]*"\), \("[^"]*"\), NAME_[A-Z]*},*$/\1\t\2/p' daemon/language/words.c
	sed -n 's/^ *{\("[a-z.]*"\), \("[^"]*"\),\( .*\)*$/\1\t\2/p' daemon/store/event.c
}
lexicon=$(words | sed 's/"//g')
[ "$(printf '%s\n' "$lexicon" | wc -l)" -gt 80 ] || lacks words.c "a table that this test can read"
while IFS= read -r line; do
	english=$(printf '%s' "$line" | cut -f1)
	korean=$(printf '%s' "$line" | cut -f2)
	grep -q "^\.It $english Ta $korean\( Ta.*\)*$" "$man/dangol.rule.5" ||
		lacks dangol.rule.5 "the name $english | $korean"
done <<END
$lexicon
END

# The first rule of README.md is without a mistake.
shop=$(mktemp -d)
trap 'rm -rf "$shop"' EXIT
mkdir "$shop/rules" "$shop/templates"
awk -v shop="$shop" '/^    cat >/ { file = substr($2, 2); next } /^    END$/ { file = "" }
	file { print substr($0, 5) >(shop "/" file) }' README.md
"$build/dangold" --check -c "$shop/dangol.conf" >"$shop/said" 2>&1 || {
	lacks README.md "a first rule without a mistake:"
	cat "$shop/said"
}

# Every verb is completed: all three ask the program, so that there is no second list to keep.
for file in contrib/completions/dangolctl.bash contrib/completions/_dangolctl contrib/completions/dangolctl.fish; do
	grep -q -- '--verbs' "$file" || lacks "$file" "the verbs"
done

# Editors know the words of this version.
for editor in vim:vim/syntax/dangol.vim vscode:vscode/syntaxes/dangol.tmLanguage.json; do
	"$build/dangolctl" --syntax "${editor%%:*}" | cmp -s - "contrib/editor/${editor#*:}" ||
		lacks "contrib/editor/${editor#*:}" "the words of today: make editor"
done
exit $status
