"""A refusal: the assistant says that it cannot or will not, and often why."""

from echoformat.format import Format, Pattern
from echoformat.signs import BOXED, CODE, FENCE, SUM, TAGS, TURNS, WEB

FORMAT = Format(
    name="refusal",
    family="other",
    title="Refusal to answer",
    source="https://arxiv.org/abs/2308.01263",
    patterns=(
        Pattern("opens-sorry", r"\A\s*(?:I'm (?:very |really |truly |so |deeply )?sorry|I am (?:very |really |deeply )?sorry|I apologi[sz]e|Sorry|Apologies|My apologies)[,.]? (?:but )?(?:I|there|that|this|it|as)\b", weight=.45),
        Pattern("cannot-help", r"\bI(?:'m| am)? ?(?:cannot|can't|can not|can’t|could not|couldn't|won't|will not|unable to|not able to|not going to|not comfortable) (?:in good conscience |ethically |satisfy |be able to )?(?:assist|help|provide|fulfill|comply|answer|engage|support|create|generate|offer|participate|encourage|recommend|condone|promote|suggest|discuss|satisfy|advise|directly|(?:give|tell|show|send|write) you)", weight=0.75),
        Pattern("opens-cannot", r"\A\s*I (?:cannot|can't|can not|can’t|won't|will not|must (?:decline|clarify|inform you)|do not (?:think|condone|have)|don't (?:think|have|feel|condone))\b", weight=.45),
        Pattern("as-an-ai", r"\b(?:[Aa]s an (?:AI|artificial|ethical|responsible)|I'?m (?:just )?an AI|I am (?:just )?an AI|as a (?:large )?language model|AI (?:language )?model|my (?:programming|ethical guidelines|guidelines)|within my programming)\b", weight=0.5),
        Pattern("not-right", r"\b(?:[Ii]t(?:'s| is) (?:not|never|neither|important to|illegal|unethical|essential|wrong)\b)", weight=.3),
        Pattern("harmful", r"\b(?:illegal|unethical|harmful|inappropriate|dangerous|offensive|disrespectful|immoral|violates?|against the law|harm (?:or|to|others)|discriminat\w+|harmful stereotypes)\b", weight=.3),
        Pattern("never-opens", r"\A\s*(?:It is|It's|That is|That's|This is) (?:not|never|neither|illegal|unethical|extremely|against|highly|strictly|a serious|a crime)\b", weight=0.4),
        Pattern("wrong-opens", r"\A\s*(?:It is|It's) (?:not|never|neither) (?:\w+ or )?(?:appropriate|ethical|acceptable|okay|accurate|fair|right to|legal|safe|respectful)\b", weight=0.4),
        Pattern("seek-help", r"\b(?:seek (?:help|professional|assistance|medical)|mental health|law enforcement|authorities|crisis|hotline|contact (?:a|your|the|local)|therapist|trained professional|qualified)\b", weight=.2),
        Pattern("instead", r"\b(?:[Ii]nstead,? (?:I|of|you|we|let)|I(?:'d| would) be happy to|Is there (?:anything|something) else|Would you like to|I (?:strongly )?(?:encourage|suggest|recommend|urge|advise)|treat (?:others|people|all|them)|respect)\b", weight=.15),
        Pattern("not-boxed", BOXED, weight=-0.8),
        Pattern("not-sum", SUM, weight=-0.8),
        Pattern("not-turns", TURNS, weight=-0.8),
        Pattern("not-tags", TAGS, weight=-0.8),
        Pattern("not-fence", FENCE, weight=-0.8),
        Pattern("not-code", CODE, weight=-0.6),
        Pattern("not-web", WEB, weight=-0.5),
    ),
    outranks=("chat_plain",),
    examples=(
        "I'm sorry, but I can't help with that. It is illegal and could be harmful to others. I encourage you to talk to a mental health professional.",
        "I cannot provide instructions for that. As an AI, I must not. Instead, I would be happy to suggest safe ways.",
        "It is not ethical to spread rumors about anyone. Instead of that, treat others with respect; they are harmful and inappropriate.",
    ),
    counterexamples=(
        "I'm sorry I missed the boat. The lake was lovely, though.",
        "You cannot row here after dark, but you can walk.",
        "I can't believe how deep the lake is!",
    ),
)  # fmt: skip
