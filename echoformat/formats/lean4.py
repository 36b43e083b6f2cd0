"""Lean 4 with Mathlib: `:= by` proofs, one tactic a line."""

from echoformat.format import Format, Pattern
from echoformat.signs import BOXED, NO_LEAN, PROSE_LINE

FORMAT = Format(
    name="lean4",
    family="formal_proof",
    title="Lean 4 proof",
    source="https://lean-lang.org/",
    patterns=(
        Pattern("imports", r"^import (?:Mathlib|Aesop|Lean|Std|Batteries)\b", weight=0.9),
        Pattern("by-block", r"^[ \t]*(?:@\[\w+\]\s*)?(?:private |protected |noncomputable )*(?:theorem|lemma|example|def|instance|abbrev)\b[^\n]*(?:\n[ \t]+[^\n]*)*:= by[ \t]*(?:\n|\Z)", weight=0.85),
        Pattern("one-line", r":= by (?:simp|norm_num|linarith|nlinarith|ring|omega|decide|rfl|exact|rw|positivity|aesop|trivial)\b", weight=0.4),
        Pattern("ends-with-by", r":= by[ \t]*$", weight=0.5),
        Pattern("lean4-tactics", r"^[ \t]+(?:norm_num|simp(?:_all)?|rw|nlinarith|linarith|field_simp|ring_nf|ring|omega|positivity|aesop|exact|apply|intro|rcases|obtain|constructor|have \w+ :|refine'?|induction' ?|cases'|use|decide|rfl|simp_rw|norm_cast|push_cast|interval_cases|native_decide|subst|ext|funext|by_contra|contrapose!)\b[^\n,;]*(?:\[[^\]\n]*\][^\n]*)?$", weight=0.3),
        Pattern("lean4-signs", r"\b(?:fun [\w ]{1,9}(?:=>|↦)|(?:Nat|Finset|Real|Int|Set|Complex|Polynomial|Equiv)\.\w|rintro ⟨)|^(?:[ \t]*· |set_option \w|[ \t]*(?:induction|cases|match) [^\n]* with[ \t]*$)|<;>|← ", weight=0.4),
        Pattern("opens", r"^open (?:BigOperators|Real|Nat|Topology|Rat|Finset|Set|scoped)\b|^namespace [\w.]+[ \t]*$|^section\b|^variable [{(\[]|^inductive \w+|^#(?:eval|check|print)\b", weight=0.4),
        Pattern("data-types", r"^(?:structure|inductive|class) [A-Z][\w.]*[^\n={;]* where[ \t]*$|^deriving instance |^[ \t]*deriving [A-Z]\w*", weight=0.7),
        Pattern("statement", r"^(?:(?:theorem|lemma|example) ?[\w.']* ?|def [\w.']+ )[({\[:][^\n]*(?:ℝ|ℕ|ℤ|ℚ|ℂ|Prop|Type|∀|∃|→|∑|≤|¬)", weight=0.35),
        Pattern("fenced", r"^```lean4?[ \t]*$", weight=0.4),
        Pattern("lean3-signs", r"^(?:[ \t]*begin[ \t]*$|import (?:data|algebra|tactic|analysis|topology|number_theory|order)\b|open_locale |noncomputable theory)|:= ?begin\b", weight=-0.93),
        Pattern("other-language", NO_LEAN, weight=-0.95),
        Pattern("prose", PROSE_LINE, weight=-0.6),
        Pattern("not-boxed", BOXED, weight=-0.4),
    ),
    outranks=("math_latex", "boxed_cot", "prose", "latex_document", "chat_plain", "fenced_code_answer", "chat_markdown", "python", "lean3"),
    examples=(
        "structure Lake where\n  depth : Nat\n  name : String\nderiving Repr\n",
        "theorem two_pos (x : ℝ) : x ^ 2 + 1 > 0 := by positivity",
        "import Mathlib\n\nopen Real\n\ntheorem depth_pos (d : ℝ) (h : 3 < d) : d ≠ 0 := by\n  have h₁ : 0 < d := by\n    linarith [Real.pi_pos]\n  exact h₁.ne'\n",
        "```lean4\ntheorem three_add (n : ℕ) : n + 3 = 3 + n := by\n  rw [Nat.add_comm]\n```",
    ),
    counterexamples=(
        "theorem depth_pos\n  (d : ℝ)\n  (h₀ : 3 < d) :\n  d ≠ 0 :=\nbegin\n  linarith,\nend\n",
        "Theorem plus_comm : forall n m, n + m = m + n.\nProof. intros. lia. Qed.\n",
        "The theorem is proved by induction.",
    ),
)  # fmt: skip
