# Completion of dangolctl for fish. The verbs and their options are asked of the program itself.

# The words of the command line that are no options.
function __dangolctl_words
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if contains -- $word -s --socket
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

# What may come next in a verb's phrase, with what it does.
function __dangolctl_next
    set -l phrase (string join ' ' (__dangolctl_words))
    for line in (dangolctl --verbs 2>/dev/null)
        set -l fields (string split \t -- $line)
        set -l rest $fields[1]
        if test -n "$phrase"
            string match -q -- "$phrase *" $fields[1]; or continue
            set rest (string sub -s (math (string length -- $phrase) + 2) -- $fields[1])
        end
        printf '%s\t%s\n' (string split ' ' -- $rest)[1] $fields[4]
    end
end

# The options of the verb that stands there.
function __dangolctl_options
    set -l phrase (string join ' ' (__dangolctl_words))
    for line in (dangolctl --verbs 2>/dev/null)
        set -l fields (string split \t -- $line)
        string match -q -- "$fields[1] *" "$phrase "; or continue
        string split -n ' ' -- $fields[3]
    end
end

function __dangolctl_rules
    dangolctl rules 2>/dev/null | tail -n +2 | string replace -r ' .*' ''
end

function __dangolctl_at --argument-names verb count
    set -l words (__dangolctl_words)
    string match -q -- "$verb *" "$words "; and test (count $words) = $count
end

complete -c dangolctl -f
complete -c dangolctl -s s -l socket -r -F -d 'the daemon\'s socket'
complete -c dangolctl -l json -d 'one JSON value'
complete -c dangolctl -n 'test -z "$(__dangolctl_words)"' -l help -d 'every verb'
complete -c dangolctl -n 'test -z "$(__dangolctl_words)"' -l version
complete -c dangolctl -n 'test -z "$(__dangolctl_words)"' -l verbs
complete -c dangolctl -n 'test -z "$(__dangolctl_words)"' -l syntax -xa 'vim vscode'
complete -c dangolctl -a '(__dangolctl_next)'
complete -c dangolctl -n 'string match -q -- "-*" (commandline -ct)' -a '(__dangolctl_options)'
complete -c dangolctl -n '__dangolctl_at rule 2; or __dangolctl_at preview 1; or __dangolctl_at explain 1; or __dangolctl_at report 1' -a '(__dangolctl_rules)'
complete -c dangolctl -n '__dangolctl_at test-send 1' -a 'sms alimtalk brandmessage email push'
complete -c dangolctl -n '__dangolctl_at "import undo" 2' -a '(dangolctl import list 2>/dev/null | tail -n +2 | string replace -r " .*" "")'
complete -c dangolctl -n '__dangolctl_at import 1' -a 'customers orders products consents'
complete -c dangolctl -n '__dangolctl_at export 1' -a 'customers orders products consents messages coupons'
complete -c dangolctl -n '__dangolctl_at import 2; or __dangolctl_at export 2; or __dangolctl_at backup 1; or __dangolctl_at "key backup" 2; or __dangolctl_at "join qr" 2' -F
complete -c dangolctl -n 'string match -q -- "check*" (__dangolctl_words)[1]' -F
complete -c dangolctl -n 'string match -q -- "fmt*" (__dangolctl_words)[1]' -F
complete -c dangolctl -n '__dangolctl_at "consent give" 3; or __dangolctl_at "consent withdraw" 3' -a 'sms kakao email push data guardian'
complete -c dangolctl -n '__dangolctl_at "consent give" 4; or __dangolctl_at "consent withdraw" 4' -a 'ad night'
complete -c dangolctl -n '__dangolctl_at audit 1' -l who -xa 'socket http public daemon token post-token'
