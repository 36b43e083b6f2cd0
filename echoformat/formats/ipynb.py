"""A Jupyter notebook as its JSON file."""

from echoformat.format import Format, Pattern
from echoformat.signs import JSON_END

FORMAT = Format(
    name="ipynb",
    family="structured",
    title="Jupyter notebook (.ipynb)",
    source="https://nbformat.readthedocs.io/en/latest/format_description.html",
    patterns=(
        Pattern("cells", r"\A\s*\{\s*\"(?:cells|metadata|nbformat)\"\s*:", weight=.3),
        Pattern("cell-type", r"\"cell_type\"\s*:\s*\"(?:code|markdown|raw)\"", weight=0.85),
        Pattern("code-cell", r"\"(?:execution_count|outputs)\"\s*:\s*(?:null|\d+|\[)", weight=0.5),
        Pattern("version", r"\"nbformat(?:_minor)?\"\s*:\s*\d", weight=0.8),
        Pattern("kernel", r"\"(?:kernelspec|language_info)\"\s*:\s*\{", weight=0.6),
    ),
    outranks=("json", "python", "tool_call_json"),
    ending=JSON_END,
    examples=(
        '{\n "cells": [\n  {\n   "cell_type": "code",\n   "execution_count": 1,\n   "metadata": {},\n   "outputs": [],\n   "source": ["print(143)"]\n  }\n ],\n'
        ' "metadata": {"kernelspec": {"name": "python3"}},\n "nbformat": 4,\n "nbformat_minor": 5\n}\n',
        '{"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# Lakes"]}',
    ),
    counterexamples=(
        '{"cells": [1, 2, 3], "rows": 3}',
        'The key "cell_type" says which kind a cell is.',
    ),
)  # fmt: skip
