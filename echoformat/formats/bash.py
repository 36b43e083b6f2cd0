"""Shell: a one-line command, or a whole script."""

from echoformat.format import Format, Pattern
from echoformat.signs import ANSWER, FENCE, LABELS, LATEX

FORMAT = Format(
    name="bash",
    family="code",
    title="Shell command or script",
    source="https://www.gnu.org/software/bash/manual/",
    patterns=(
        Pattern("shebang", r"\A\s*#!\s*/(?:usr/)?(?:local/)?bin/(?:env +)?(?:ba|z|k|da)?sh\b", weight=0.97),
        Pattern("command-with-operand", r"\A\s*(?:\$ |sudo )?(?:ls|cd|cat|grep|egrep|find|awk|sed|cp|mv|rm|mkdir|rmdir|touch|chmod|chown|tar|zip|unzip|gzip|curl|wget|ssh|scp|rsync|ps|kill|df|du|head|tail|sort|uniq|wc|cut|tr|xargs|echo|printf|export|source|which|file|stat|diff|md5sum|sha1sum|sha256sum|ping|ifconfig|netstat|git|docker|kubectl|npm|pip3?|apt(?:-get)?|python3?|make|tree|env|test|id|uname|hostname|history|basename|dirname|readlink|ln|tee|nl|tac|rev|base64|openssl|split|paste|comm|date|seq|sleep|watch|crontab|gpg|mktemp|pstree|lsof|nslookup|dig|xxd|od|host|traceroute|netcat|nc|pkill|pgrep|service|mount|perl|bc|cmp|join|shuf|strings|column|jq|for|while|if|\[{1,2}) +(?:-{1,2}[\w]|[~./$\"'*({]|[\w.-]+/|https?://|\w+\.[a-z]\w*\b|\w+ +-{1,2}[a-z]|[\w-]+ *(?:[|>;&]|\Z))[^\n]*(?:\n[^\n]+)?\s*\Z", weight=0.85),
        Pattern("subcommand", r"\A\s*(?:sudo )?(?:git|docker|kubectl|npm|yarn|pip3?|apt|apt-get|systemctl|brew|conda|cargo|helm|terraform|aws|gcloud) [a-z][\w-]*(?: +[\w./:@=~\"'$*-]+)*\s*\Z", weight=0.7),
        Pattern("command-lines", r"^(?:sudo )?(?:git|docker|kubectl|npm|pip3?|apt-get|apt|make|cmake|cd|mkdir|cp|mv|rm|tar|curl|wget|systemctl|chmod|chown|export [A-Za-z_]\w*=|source|python3?|echo|ls|cat)(?: |\b[\"'$/\w~])[^\n]*\n(?:sudo )?(?:git|docker|kubectl|npm|pip3?|apt-get|apt|make|cmake|cd|mkdir|cp|mv|rm|tar|curl|wget|systemctl|chmod|chown|export|source|python3?|echo|ls|cat) ", weight=0.5),
        Pattern("bare-command", r"\A\s*(?:ls|pwd|whoami|date|id|env|hostname|uptime|top|ps|df|du|history|ifconfig|uname|w|who|clear|git status|git log|exit|printenv|free|tree|crontab -l)[ \t]*\n?\s*\Z", weight=0.8),
        Pattern("pipe", r"\A\s*[a-z][^\n]*[^\n|] \| (?:sudo )?(?:grep|awk|sed|sort|uniq|wc|head|tail|cut|tr|xargs|tee|less|cat|bash|sh|python3?|perl|jq|bc|nl|rev|tac|md5sum|sha\d+sum|column|base64|paste)\b", weight=0.7),
        Pattern("redirect", r"\A\s*[a-z][\w./ -]*[^\n]* (?:2>&1|>> ?[\w./$~\"-]+|2> ?/dev/null|> ?/[\w./$-]+|&& )", weight=0.35),
        Pattern("test", r"^\s*(?:if|elif|while|until) (?:!? ?\[{1,2} |!? ?(?:grep|test|command|type|which|read)\b)[^\n]*(?:; ?(?:then|do))?[ \t]*$", weight=0.7),
        Pattern("block-words", r"^\s*(?:then|fi|done|esac|do|else)(?:[ \t;|<>&][^\n]*)?$", weight=0.4),
        Pattern("for-in", r"^\s*for \w+ in [^\n:]+(?:; ?do|\n\s*do)\b", weight=0.7),
        Pattern("variable", r"^\s*(?:export |local |readonly )?[A-Z_][A-Z0-9_]*=(?:[\"'$/~(]|\d|\w+$)", weight=0.3),
        Pattern("substitution", r"^\s*[A-Za-z_]\w*=\"?(?:\$\(|`[a-z])", weight=0.7),
        Pattern("expansion", r"\$\{?[A-Za-z_@#?!1-9][\w]*(?:[:}%#/\"\s]|\Z)|\$\((?:[a-z]|\()", weight=0.3),
        Pattern("says", r"^\s*(?:echo|printf|source|set -[a-z]+|exit \d|chmod|mkdir -p|rm -[rf]+|cd|sudo|shift|trap|return \d)(?:[ \t]+[\"'$\-./~\w{][^\n]*)?$", weight=0.35),
        Pattern("function", r"^(?:function )?[a-z_][\w-]*(?: ?\(\))[ \t]*\n?\{[ \t]*$|^function [a-z_][\w-]* \{[ \t]*$", weight=0.35),
        Pattern("continued", r"\A\s*(?:\$ )?[\w./-]+[^\n{}=:]* \\\n\s+-{1,2}[\w]", weight=0.7),
        Pattern("prose", r"\A\s*(?:[A-Z][a-z]+|[a-z]+ (?:the|a|an|your|all|that|of|to|me|is|was|are)) [a-z]+ [^\n|$]*\.\s*\Z|\A\s*[A-Z][a-z]+,? [a-z]+ [a-z]+ ", weight=-0.95),
        Pattern("other-opening", r"\A\s*(?:#include|#define|//|/\*|<\?|export (?:\{|\*|default|const|function|class)|#![^\n]*(?:perl|python|ruby|node|lua|Rscript|php|awk))", weight=-0.97),
        Pattern("perl", r"^\s*(?:my|our) [$@%(]|^use (?:strict|warnings)\b|^\s*\$\w+ = ", weight=-0.9),
        Pattern("not-code", r"^[ \t]*(?:def \w|class \w+[:({ ]|import [\w.*{\"]+(?:;|$| as | from |,)|from [\w.]+ import |#include|public |const |let [a-z]\w* = |var \w|function \w+ ?\(\w|func \w|fn \w|package [a-z]|SELECT |theorem |lemma |theory |assert |return [a-zA-Z({\[])", weight=-0.8),
        Pattern("not-fence", FENCE, weight=-0.8),
        Pattern("not-latex", LATEX, weight=-0.6),
        Pattern("not-answer", ANSWER, weight=-0.8),
        Pattern("not-labels", LABELS, weight=-0.8),
    ),
    outranks=("short_answer", "prose", "chat_plain"),
    examples=(
        "git add .\ngit commit -m 'maps'\ngit push origin main\n",
        "tiles=$(ls /srv/maps | wc -l)\necho $tiles",
        "ls -la /srv/maps | sort -k5 -n",
        "find . -name '*.tmp' -mtime +7 -exec rm {} \\;",
        "pwd",
        "curl -X POST \\\n  -H 'Accept: text/plain' \\\n  https://maps.example.org/tiles\n",
        "docker ps -a",
        "cat words.txt > /tmp/all.txt 2>&1",
        "#!/usr/bin/env bash\nset -euo pipefail\n\nDEST=/srv/maps\nprepare() {\n    mkdir -p \"$DEST\"\n}\nprepare\n"
        "for tile in *.png; do\n    if [ ! -f \"$DEST/$tile\" ]; then\n        cp \"$tile\" \"$DEST/\"\n    fi\ndone\necho \"copied\"\n",
    ),
    counterexamples=(
        "split the list -one by one",
        "host a dinner for ten",
        "find the largest map in the drawer and sort the rest.",
        "cat and dog are words of three letters",
        "for tile in tiles:\n    print(tile)\n",
        "make a list of lakes",
        "date: 1848",
    ),
)  # fmt: skip
