"""A patch in unified diff form."""

from echoformat.format import Format, Pattern

FORMAT = Format(
    name="unified_diff",
    family="code",
    title="Unified diff",
    source="https://www.gnu.org/software/diffutils/manual/html_node/Unified-Format.html",
    patterns=(
        Pattern("git-header", r"^diff --git a/\S+ b/\S+", weight=0.95),
        Pattern("file-pair", r"^--- (?:a/|/dev/null|\S+)[^\n]*\n\+\+\+ (?:b/|/dev/null|\S+)", weight=0.95),
        Pattern("hunk", r"^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@", weight=0.9),
        Pattern("index", r"^index [0-9a-f]{7,40}\.\.[0-9a-f]{7,40}", weight=0.7),
        Pattern("patch-markers", r"^\*\*\* (?:Begin Patch|(?:Update|Add|Delete) File: )", weight=0.7),
        Pattern("bare-hunk", r"^@@ \.\.\. @@$|^@@$", weight=0.5),
    ),
    outranks=(
        "python", "chat_markdown", "fenced_code_answer", "javascript", "typescript", "java", "go", "cpp", "rust",
        "html", "xml", "css", "yaml", "bash", "json", "sql", "latex_document", "tinygsm", "pal", "lean3", "lean4",
        "isabelle", "coq", "prose",
    ),
    examples=(
        "*** Begin Patch\n*** Update File: lakes.txt\n@@\n-Orta 142\n+Orta 143\n*** End Patch",
        "diff --git a/ledger/totals.py b/ledger/totals.py\nindex 3f1a9c2..8be0d14 100644\n--- a/ledger/totals.py\n"
        "+++ b/ledger/totals.py\n@@ -10,7 +10,7 @@ def total(rows):\n-    amount = 1\n+    amount = 0\n     for row in rows:\n",
        "--- lakes.txt\n+++ lakes.txt\n@@ ... @@\n-Orta 142\n+Orta 143\n",
    ),
    counterexamples=(
        "--- a dash of salt\n+ a pinch of sugar\n",
        "def total(rows):\n    return sum(rows)\n",
        "The diff between a and b is 3 @@ most.",
    ),
)  # fmt: skip
