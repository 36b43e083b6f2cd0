"""Web discussion: posts, comments, questions and answers with names and dates."""

from echoformat.format import Format, Pattern
from echoformat.signs import ANSWER, BOXED, CODE, MARKUP, TURNS

FORMAT = Format(
    name="forum",
    family="natural_language",
    title="Web forum, comments or community Q&A",
    source="https://arxiv.org/abs/2502.10341",
    patterns=(
        Pattern("posted-by", r"\b(?:[Pp]osted (?:by|on|in|at)|[Pp]ost by|[Ww]ritten by [A-Z]|[Ss]ubmitted (?:by|on)|[Aa]sked (?:by|on|[A-Z][a-z]{2} \d)|[Aa]nswered (?:by|on|[A-Z][a-z]{2} \d)|[Rr]eplied|[Rr]eply (?:to|by)|says ?:|wrote ?:|said ?:$)", weight=0.45),
        Pattern("member", r"^(?:Join(?:ed)?(?: Date)?|Posts|Member since|Registered|Reputation|Messages|Reactions?)[: ] ?[\w,]", weight=.5),
        Pattern("rank", r"^(?:Senior |Junior |Active |New |Well-Known |Registered |Full |Super )?(?:Member|Moderator|Administrator|Newbie|Guest|Anonymous|Regular|Contributor)[ \t]*$", weight=0.55),
        Pattern("re-line", r"^[ \t]*Re: \S", weight=0.55),
        Pattern("reply-controls", r"^[ \t]*(?:[•*-] )?(?:Reply|Quote|Post [Rr]eply|Flag|Permalink|Log in to [Rr]eply|Add (?:a )?[Cc]omment|add a comment|Upvote)\b[^\n]{0,20}$", weight=0.5),
        Pattern("counts", r"\d (?:[Rr]epl(?:y|ies)|[Cc]omments?|[Aa]nswers?|[Vv]otes?|[Ll]ikes?|[Pp]osts?|[Vv]iews|users? (?:browsing|found)|of \d+ people|people found)\b", weight=.3),
        Pattern("time-ago", r"\d (?:second|minute|hour|day|week|month|year)s? ago\b|\b(?:at|@) \d{1,2}:\d\d", weight=.3),
        Pattern("dated-line", r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,2},? (?:20|19)\d\d(?:,? (?:at )?\d{1,2}:\d\d ?(?:[ap]m|[AP]M)?)?[ \t]*$", weight=0.3),
        Pattern("qa-page", r"\b(?:Best [Aa]nswer|Accepted [Aa]nswer|Answer [Tt]his [Qq]uestion|Ask [Aa]? ?[Qq]uestion|Chosen by|Top Answer|Community Q&A|Verified Purchase|Was this (?:helpful|answer)|up vote|down vote|active oldest votes|Answer Save|Related [Qq]uestions|Questions? (?:and|&) Answers?|[Rr]eport [Aa]buse)|^Asked\b|^Answers? ?\(?\d", weight=0.5),
        Pattern("thread-words", r"\b(?:[Tt]hread|OP\b|[Ff]orums?\b|IMHO|IMO\b|LOL|lol|[Tt]hanks in advance|[Aa]ny (?:help|ideas|suggestions)|[Hh]ey guys|[Cc]omments? section|[Cc]ommenters?)\b", weight=0.35),
        Pattern("comments-head", r"^[ \t]*(?:\d+ )?(?:Comments?|Responses?|Replies|Discussion|Thoughts on [^\n]+|Conversation|Join the [Cc]onversation)[ \t]*(?:\(?\d*\)?:?)?[ \t]*$", weight=.4),
        Pattern("not-boxed", BOXED, weight=-0.9),
        Pattern("not-answer", ANSWER, weight=-0.9),
        Pattern("not-code", CODE, weight=-0.5),
        Pattern("not-markup", MARKUP, weight=-0.5),
        Pattern("not-turns", TURNS, weight=-0.9),
    ),
    outranks=("prose", "chat_plain"),
    examples=(
        "Best lake to row?\n\nrower77\nSenior Member\nPosts: 214\nJoined: Mar 2012\n\nRe: Best lake to row?\n\nPost by rower77 » Jun 3, 2012 10:54 am\n"
        "Orta, hands down. Lots in this thread already.\n\nReply\n12 replies\n3 years ago\n",
        "Question: Is Orta cold in May?\nAsked by Ann on May 2, 2015\n\nBest Answer\nYes, bring a coat.\n\nComments (2)\nBo says: lol\n\nComments\n",
    ),
    counterexamples=(
        "The forum of ancient Rome was a market and a court.",
        "Lake Orta lies west of Lake Maggiore. It froze in 1929.",
        "Sure! You can post by air mail.",
    ),
)  # fmt: skip
