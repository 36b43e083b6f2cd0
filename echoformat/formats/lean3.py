"""Lean 3 with mathlib: `begin ... end` proofs, comma after each tactic."""

from echoformat.format import Format, Pattern
from echoformat.signs import NO_LEAN

FORMAT = Format(
    name="lean3",
    family="formal_proof",
    title="Lean 3 proof",
    source="https://leanprover-community.github.io/lean3/",
    patterns=(
        Pattern("begin-block", r":=\s*\n?\s*begin\b|^[ \t]*begin[ \t]*$", weight=.4),
        Pattern("by-on-its-line", r":=[ \t]*\n[ \t]*by \w", weight=0.5),
        Pattern("statement", r"^(?:theorem|lemma|example)\b[^\n]*(?:\n[ \t]+[^\n]*)*:=", weight=0.4),
        Pattern("tactic-commas", r"^[ \t]+(?:\{ ?)?(?:rw|simp|intros?|apply|exact|have|cases|split|norm_num|linarith|nlinarith|ring|refine|use|rcases|obtain|unfold|field_simp|induction|rintros?|existsi|contradiction|by_cases|suffices|calc|norm_cast|push_cast|interval_cases|omega|left|right|assumption|refl|ring_nf)\b[^\n]*,[ \t]*(?:--[^\n]*)?$", weight=0.45),
        Pattern("imports", r"^import (?:data|algebra|tactic|analysis|topology|number_theory|order|logic|group_theory|linear_algebra|combinatorics|geometry|minif2f|measure_theory|category_theory|set_theory|field_theory|ring_theory|all|init|system)(?:\.[a-z]\w*)*[ \t]*$", weight=0.8),
        Pattern("open-locale", r"^open_locale |^noncomputable theory|^local attribute|^variables [{(\[]", weight=0.8),
        Pattern("ends", r"^end\s*\Z|^[ \t]*end[ \t]*$", weight=.15),
        Pattern("lean3-names", r"\b(?:nat|int|real|finset|set|mul|add|le|lt|eq|abs|pow|sub|div)\.[a-z]|λ \w|∑ \w+ in ", weight=0.3),
        Pattern("lean4-signs", r":= by[ \t]*$|^(?:import (?:Mathlib|Aesop|Lean|Std|Batteries)|[ \t]*(?:·|<;>)|set_option |namespace [A-Z]|open (?:BigOperators|Real|Nat|Topology))|\b(?:fun [\w ]{1,9}=>|(?:Nat|Finset|Real|Int)\.\w|norm_num \[)", weight=-0.93),
        Pattern("other-language", NO_LEAN, weight=-0.95),
        Pattern("semicolons", r"^[ \t]*[\w-]+ ?: ?[^\n;={]+;[ \t]*$|^\}[ \t]*$", weight=-0.9),
    ),
    outranks=("math_latex", "boxed_cot", "prose", "latex_document", "chat_plain", "python"),
    ending=r"^[ \t]*end\s*\Z|:=\s*(?:by [^\n]+|[a-z]\w*(?:\.\w+)*(?: [^\n]*)?)\s*\Z",
    examples=(
        "theorem next_of_two (x : ℝ) (h : x = 2) : x + 1 = 3 :=\nby linarith\n",
        "import data.real.basic\n\nopen_locale big_operators\n\ntheorem depth_pos\n  (d : ℝ)\n  (h₀ : 3 < d) :\n  d ≠ 0 :=\nbegin\n  have h₁ := lt_trans zero_lt_three h₀,\n  linarith,\nend\n",
        "lemma add_three (n : ℕ) : n + 3 = 3 + n :=\nbegin\n  rw nat.add_comm,\nend",
    ),
    counterexamples=(
        "theorem depth_pos (d : ℝ) (h : 3 < d) : d ≠ 0 := by\n  linarith\n",
        "lemma \"(a::nat) + b = b + a\"\n  by simp\n",
        "begin\n  puts 'lake'\nend\n",
    ),
)  # fmt: skip
