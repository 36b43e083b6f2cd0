"""Isabelle/HOL: a statement or an Isar proof."""

from echoformat.format import Format, Pattern
from echoformat.signs import BOXED

FORMAT = Format(
    name="isabelle",
    family="formal_proof",
    title="Isabelle/HOL theory or Isar proof",
    source="https://isabelle.in.tum.de/documentation.html",
    patterns=(
        Pattern("theory", r"^theory\s+\w+\s+imports\b|^[ \t]+imports\s+(?:Main|Complex_Main|HOL|\"HOL)", weight=0.9),
        Pattern("shows", r"^[ \t]*shows\s+(?:\w+:\s*)?\"", weight=0.9),
        Pattern("assumes", r"^[ \t]*(?:assumes|fixes)\s+[\w :\"']", weight=.4),
        Pattern("quoted-statement", r"^(?:theorem|lemma|corollary|proposition)(?:\s+\w+)?(?:\s*\[[^\]\n]*\])?\s*:?\s*(?:\(\*[^*\n]*\*\)\s*)?\"", weight=0.8),
        Pattern("isar-steps", r"^[ \t]*(?:proof -?(?:\s*\(\w+[^)]*\))?\s*$|proof \(|show \?(?:thesis|case)|then (?:have|show|obtain)|also have|finally (?:have|show)|moreover have|ultimately (?:have|show)|have (?:\w+: ?)?\"|obtain [\w ]+ where|qed\b)", weight=.5),
        Pattern("by-method", r"\bby \(?(?:auto|simp|blast|fastforce|force|presburger|metis|arith|linarith|smt|eval|sos)\b|\bsledgehammer\b|\busing \w+(?: \w+)? by\b", weight=.4),
        Pattern("symbols", r"\\<(?:forall|exists|Rightarrow|and|or|le|ge|lambda|in|noteq|Longrightarrow|lbrakk|open)>|\(\*<ATP>\*\)|:: ?\"?(?:nat|int|real|complex|bool)\b", weight=0.5),
        Pattern("lean-or-coq", r":=\s*(?:by\b|begin\b|$)|^(?:import |Proof\.|open |Require )|\bQed\.", weight=-0.93),
        Pattern("not-boxed", BOXED, weight=-0.7),
    ),
    outranks=("math_latex", "boxed_cot", "prose", "latex_document", "chat_plain", "chat_markdown", "fenced_code_answer", "tora"),
    examples=(
        "theory Depth imports Complex_Main\nbegin\n\ntheorem depth_pos:\n  fixes d :: real\n  assumes \"d > 3\"\n  shows \"d \\<noteq> 0\"\n  sorry\n\nend\n",
        "lemma \"(a::nat) + b = b + a\"\nproof -\n  have \"a + b = b + a\" by simp\n  then show ?thesis by auto\nqed\n",
    ),
    counterexamples=(
        "theorem depth_pos (d : ℝ) (h : d > 3) : d ≠ 0 := by\n  linarith\n",
        "Theorem plus_comm : forall n m, n + m = m + n.\nProof. intros. lia. Qed.\n",
        "The theorem shows \"how deep\" a lemma can go.",
    ),
)  # fmt: skip
