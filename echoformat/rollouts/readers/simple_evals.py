"""simple-evals: ``{eval}_{model}_{date}_allresults.json`` with conversations and one score for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from echoformat.completion import Completion
from echoformat.rollouts.compose import composed
from echoformat.rollouts.file import LogFile


class SimpleEvals:
    """``convos`` beside ``score``."""

    name = "simple_evals"
    title = "simple-evals results"
    source = "https://github.com/openai/simple-evals"

    def sniff(self, file: LogFile) -> bool:
        """A list of conversations."""
        return {"convos", "score"} <= file.keys and isinstance(file.first["convos"], list)

    def read(self, file: LogFile) -> Iterator[Completion]:
        """The last turn of each conversation; whether it was right stands in the HTML file only."""
        file.read.columns["convos"] = "prompt and completion"
        for line, page in file.rows():
            convos = page.get("convos") if isinstance(page, Mapping) else None
            for row, talk in enumerate(convos if isinstance(convos, list) else []):
                turns = talk if isinstance(talk, list) else [talk]
                answer = turns[-1] if turns else None
                done = composed(file, line, answer, prompt=turns[:-1] or None, split="eval")
                done.source = f"{file.path}[{row}]"
                yield done


READER = SimpleEvals()
