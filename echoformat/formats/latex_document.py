"""LaTeX source of a document or a section of one."""

from echoformat.format import Format, Pattern
from echoformat.signs import BOXED, CODE, FENCE, MARKDOWN

FORMAT = Format(
    name="latex_document",
    family="structured",
    title="LaTeX document source",
    source="https://www.latex-project.org/help/documentation/",
    patterns=(
        Pattern("class", r"^[ \t]*\\documentclass[\[{]", weight=0.95),
        Pattern("document", r"\\(?:begin|end)\{document\}", weight=0.9),
        Pattern("packages", r"^[ \t]*\\(?:usepackage|RequirePackage|input|include|newcommand|renewcommand|DeclareMathOperator|bibliography|maketitle|title|author)\b", weight=0.7),
        Pattern("section", r"^[ \t]*\\(?:part|chapter|(?:sub){0,2}section|paragraph)\*?[\[{]", weight=0.9),
        Pattern("environments", r"^[ \t]*\\begin\{(?:theorem|thm|lemma|lem|proof|prop|proposition|cor|corollary|defn?|definition|remark|rmk|example|eg|exercise|ex|figure|table|tabular|abstract|frame|itemize|enumerate|description|center|quote|verbatim|lstlisting|tikzpicture|thebibliography|minipage|alectryon|mathpar)\*?\}", weight=0.6),
        Pattern("references", r"\\(?:label|ref|cref|Cref|autoref|cite[pt]?|eqref|index|footnote|url|href|caption)\{", weight=0.7),
        Pattern("comment-line", r"^%[^\n]*\n[ \t]*\\|^%$", weight=0.3),
        Pattern("font-commands", r"\\(?:emph|textbf|textit|texttt|textsc|item|noindent|medskip|bigskip|smallskip|vspace)\b", weight=0.3),
        Pattern("verbatim-code", r"\\PY\{|\\lstinline|\\begin\{(?:sentence|input|output)\}", weight=0.6),
        Pattern("not-boxed", BOXED, weight=-0.6),
        Pattern("not-markdown", MARKDOWN, weight=-0.6),
        Pattern("not-fence", FENCE, weight=-0.7),
        Pattern("not-code", CODE, weight=-0.8),
    ),
    outranks=("math_latex", "boxed_cot", "prose", "equation_of_thought", "chat_plain", "forum"),
    examples=(
        "\\documentclass[a4paper]{article}\n\\usepackage{amsmath}\n\\begin{document}\n\\section{Lakes}\nLake Orta is \\emph{deep}~\\cite{orta}.\n\\end{document}\n",
        "\\subsection*{Depths}\n%\nBy Lemma~\\ref{lem:depth} the depth is $d$.\n\\begin{proof}\nClear.\n\\end{proof}\n",
        "\\begin{center}\n\\begin{sentence}\n\\PY{k}{Check}\n\\end{sentence}\n\\end{center}\n",
    ),
    counterexamples=(
        "By symmetry $d = 143$, so the sum is $\\boxed{286}$.",
        "\\[\nx^2 = 4\n\\]\nThus, $x = \\boxed{2}$.",
        "The section{s} of a lake are shallow.",
    ),
)  # fmt: skip
