# Completion of dangolctl for bash. The verbs and their options are asked of the program itself.

# The words of the command line that belong to the verb, without the options.
_dangolctl_words() {
	local i word skip=
	words=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $skip ]]; then
			skip=
		elif [[ $word == -s || $word == --socket || $word == '=' ]]; then
			skip=1
		elif [[ $word != -* ]]; then
			words+=("$word")
		fi
	done
}

# What may stand behind the verb, of the daemon where it answers.
_dangolctl_arguments() {
	case "$1 $2" in
	'rule '* | 'preview '* | 'explain '* | 'report '*) dangolctl rules 2>/dev/null | awk 'NR > 1 { print $1 }' ;;
	'test-send '*) [[ $3 == 0 ]] && printf '%s\n' sms alimtalk brandmessage email push ;;
	'import undo') dangolctl import list 2>/dev/null | awk 'NR > 1 { print $1 }' ;;
	'import list') ;;
	'export '*) [[ $3 == 0 ]] && printf '%s\n' customers orders products consents messages coupons ;;
	'import '*) printf '%s\n' customers orders products consents ;;
	'consent show' | 'consent give' | 'consent withdraw') [[ $3 == 1 ]] && printf '%s\n' sms kakao email push data guardian ;;
	esac
	[[ "$1 $2 $3" == 'consent give 2' || "$1 $2 $3" == 'consent withdraw 2' ]] && printf '%s\n' ad night
}

_dangolctl() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local words phrase verbs found='' choices=() line name arguments options
	COMPREPLY=()
	_dangolctl_words
	[[ $current == '=' ]] && current=
	[[ $previous == '=' ]] && previous=${COMP_WORDS[COMP_CWORD - 2]}
	case $previous in
	-s | --socket | --map | --events | --refused) compopt -o default; return ;;
	--rules | --diff) compopt -o dirnames; return ;;
	--state)
		COMPREPLY=($(compgen -W 'planned held claimed handed accepted delivered failed expired dropped unknown' \
			-- "$current"))
		return
		;;
	--who)
		COMPREPLY=($(compgen -W 'socket http public daemon token post-token' -- "$current"))
		return
		;;
	--encoding)
		COMPREPLY=($(compgen -W 'utf-8 cp949' -- "$current"))
		return
		;;
	--channel)
		COMPREPLY=($(compgen -W 'sms alimtalk brandmessage email push owner' -- "$current"))
		return
		;;
	esac
	phrase="${words[*]}"
	verbs=$(dangolctl --verbs 2>/dev/null) || return
	while IFS= read -r line; do
		name=${line%%$'\t'*}
		line=${line#*$'\t'}
		arguments=${line%%$'\t'*}
		line=${line#*$'\t'}
		options=${line%%$'\t'*}
		if [[ "$phrase " == "$name "* ]]; then
			found=$name
			[[ $current == -* ]] && choices=($options)
		elif [[ "$name " == "$phrase${phrase:+ }"* ]]; then
			line=${name#"$phrase"}
			line=${line# }
			choices+=("${line%% *}")
		fi
	done <<<"$verbs"
	if [[ $current == -* ]]; then
		choices+=(--json -s)
		[[ $phrase ]] || choices+=(--help --version --verbs --syntax)
	elif [[ $found ]]; then
		choices+=($(_dangolctl_arguments "${words[0]}" "${words[1]-}" $((${#words[@]} - $(wc -w <<<"$found")))))
		[[ $found == check || $found == fmt || $found == import || $found == backup || $found == "key backup" || $found == "join qr" ]] && compopt -o default
	fi
	COMPREPLY=($(compgen -W "${choices[*]}" -- "$current"))
	[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
	return 0
}
complete -F _dangolctl dangolctl
