"""Coq (Rocq): vernacular commands that end in full stops, `Proof. ... Qed.`"""

from echoformat.format import Format, Pattern
from echoformat.signs import LATEX

FORMAT = Format(
    name="coq",
    family="formal_proof",
    title="Coq proof or development",
    source="https://coq.inria.fr/doc/",
    patterns=(
        Pattern("proof", r"^[ \t]*Proof(?: using [^\n.]*)?\.(?:\s|\Z)", weight=.45),
        Pattern("qed", r"\b(?:Qed|Defined|Admitted|Abort)\.(?:[\s(]|\Z)", weight=.45),
        Pattern("requires", r"^[ \t]*(?:From \w[\w.]* )?Require (?:Import|Export)?\s*[\w.]+|^[ \t]*(?:Import|Export) [A-Z][\w.]*\.\s*$", weight=0.9),
        Pattern("statement", r"^[ \t]*(?:#\[\w+\] )?(?:Local |Global |Program )?(?:Theorem|Lemma|Corollary|Proposition|Remark|Fact|Example|Goal)\s+[A-Za-z_][^\n:=]*:[^\n]*(?:\n[ \t]+[^\n]*)*\.\s*$", weight=.5),
        Pattern("definition", r"^[ \t]*(?:Local |Global |Program )?(?:Definition|Fixpoint|CoFixpoint|Inductive|Record|Class|Instance|Function|Notation|Ltac|Parameter|Axiom|Hypothesis|Variables?|Context) [\w\"{(`'][^\n]*(?:\n[ \t]*[^\n]+)*?(?::=|: ?(?:Set|Prop|Type|nat|bool|Z|R|list)\b)", weight=.4),
        Pattern("inductive", r"^(?:Inductive|CoInductive|Variant) [a-zA-Z_][^\n=]*:[^\n=]*:=", weight=0.6),
        Pattern("match", r"^[ \t]*match [^\n]+ with[ \t]*$|^[ \t]*\| [^\n]+ => |^[ \t]*end\.[ \t]*$", weight=0.3),
        Pattern("tactics", r"^[ \t]*(?:[-+*]+ )?(?:intros?|induction|destruct|simpl|rewrite|apply|reflexivity|auto|lia|omega|unfold|inversion|exists|split|assumption|subst|congruence|f_equal|eapply|exact|assert|discriminate|constructor|ring|tauto|left|right|trivial|pose proof)\b[^\n]*[.;][ \t]*(?:\(\*[^\n]*\*\))?$", weight=.35),
        Pattern("sections", r"^(?:Section|Module(?: Type)?|End|Set|Unset|Open Scope|Local Open Scope|Arguments|Hint \w+|Check|Print|Compute|Eval) [\w.:% ]+[^\n]*\.[ \t]*$", weight=0.4),
        Pattern("forall", r"\bforall [\w'()]+[ ,:]", weight=0.3),
        Pattern("lean-or-isabelle", r":= by\b|^(?:begin$|theory |import )|\bshows \"|ℝ|ℕ", weight=-0.93),
        Pattern("not-latex", LATEX, weight=-0.7),
    ),
    outranks=("prose", "latex_document", "chat_plain", "math_latex", "boxed_cot", "fenced_code_answer", "chat_markdown", "isabelle"),
    examples=(
        "Inductive tree (A : Type) : Type :=\n| leaf : tree A\n| node : tree A -> tree A -> tree A.\n",
        "Require Import Arith.\n\nSection Lakes.\n\nFixpoint depth (n : nat) : nat :=\n  match n with\n  | O => 0\n  | S m => depth m\n  end.\n\n"
        "Lemma depth_zero : forall n : nat, depth n = 0.\nProof.\n  intros n.\n  induction n as [| m IH]; simpl; auto.\nQed.\n\nEnd Lakes.\n",
        "Theorem plus_comm : forall n m, n + m = m + n.\nProof. intros. lia. Qed.\n",
    ),
    counterexamples=(
        "theorem depth_pos (d : ℝ) (h : 3 < d) : d ≠ 0 := by\n  linarith\n",
        "Theorem. Every lake is deep. Proof. Clear. QED.",
        "lemma \"a = b\"\nproof -\n  show ?thesis by auto\nqed\n",
    ),
)  # fmt: skip
