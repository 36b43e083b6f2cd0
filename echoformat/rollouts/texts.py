"""Text out of what logs hold in a completion's or a prompt's place: strings, messages, parts, or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

REASONING_KEYS = ("reasoning_content", "reasoning", "thinking")


class Said(NamedTuple):
    """Text, the thinking kept apart from it, and the shape it came in."""

    text: str | None
    reasoning: str | None
    shape: str


MISSING = Said(None, None, "missing")
NOT_TEXT = Said(None, None, "not text")


def said(value: Any) -> Said:
    """Read a completion: a string, one message, or messages of which the assistant's turns count.

    Example:
        >>> said([{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}])
        Said(text='4', reasoning=None, shape='messages')
        >>> said(None).shape, said(7).shape
        ('missing', 'not text')
    """
    if type(value) is str:
        return Said(value, None, "text")
    if value is None or (isinstance(value, float) and value != value):
        return MISSING
    if isinstance(value, bytes | bytearray):
        return Said(bytes(value).decode("utf-8", "replace"), None, "bytes")
    if isinstance(value, Mapping):
        return _message(value)
    if isinstance(value, list | tuple):
        return _messages(value)
    return NOT_TEXT


def joined(text: str | None, reasoning: str | None) -> str | None:
    """Put thinking that a log keeps apart back in front of its text, as a ``<think>`` block.

    Example:
        >>> joined("The answer is 4.", "2 + 2 = 4")
        '<think>\\n2 + 2 = 4\\n</think>\\nThe answer is 4.'
    """
    if not reasoning:
        return text
    return f"<think>\n{reasoning}\n</think>\n{text or ''}"


def prompt_text(value: Any) -> str | None:
    """A prompt as one text: a string, or the contents of its messages, one below the other.

    Example:
        >>> prompt_text([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2+2?"}])
        'Be brief.\\n2+2?'
    """
    if value is None or type(value) is str:
        return value
    if isinstance(value, list | tuple):
        turns = [turn for turn in map(prompt_text, value) if turn]
        return "\n".join(turns) if turns else None
    if isinstance(value, Mapping):
        inner = next((value[key] for key in ("content", "prompt", "text") if key in value), None)
        return _content(inner)[0] if inner is not None else None
    if isinstance(value, int | float) and value == value:
        return str(value)
    return None


def turns_of(messages: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """Split a conversation into what came before the first assistant's turn and the rest."""
    turns = list(messages)
    first = next((i for i, turn in enumerate(turns) if _is_assistant(turn)), len(turns))
    return turns[:first], turns[first:]


def _is_assistant(turn: Any) -> bool:
    role = turn.get("role") or turn.get("from") if isinstance(turn, Mapping) else None
    return str(role).lower() in ("assistant", "gpt", "bot", "model", "ai")


def _messages(turns: Iterable[Any]) -> Said:
    turns = list(turns)
    if all(isinstance(turn, Mapping) for turn in turns):
        own = [turn for turn in turns if _is_assistant(turn)]
        read = [_message(turn) for turn in (own or turns)]
        if not read:
            return MISSING
        return _together(
            read, "messages" if any("role" in turn or "from" in turn for turn in turns) else "parts"
        )
    if all(isinstance(turn, str) for turn in turns):
        return Said("\n".join(turns), None, "list of texts")
    return NOT_TEXT


def _together(read: list[Said], shape: str) -> Said:
    if len(read) == 1:
        return read[0]._replace(shape=shape)
    texts = [one.text for one in read if one.text is not None]
    thoughts = [one.reasoning for one in read if one.reasoning]
    return Said("\n".join(texts) if texts else None, "\n".join(thoughts) or None, shape)


def _message(message: Mapping[str, Any]) -> Said:
    if not any(key in message for key in ("content", "text", "value", "parts", *REASONING_KEYS)):
        return NOT_TEXT
    inner = next((message[key] for key in ("content", "text", "value", "parts") if key in message), None)
    text, thinking = _content(inner)
    apart = next((message[key] for key in REASONING_KEYS if isinstance(message.get(key), str)), None)
    thinking = apart or thinking
    if text is None:
        text = "" if thinking or message.get("tool_calls") or inner == [] else None
    return Said(text, thinking, "message")


def _content(content: Any) -> tuple[str | None, str | None]:
    if content is None or type(content) is str:
        return content, None
    if isinstance(content, Mapping):
        content = [content]
    if not isinstance(content, list | tuple):
        return str(content), None
    texts, thoughts = [], []
    for part in content:
        text, thought = _part(part)
        texts.append(text)
        thoughts.append(thought)
    return "".join(texts), "\n".join(t for t in thoughts if t) or None


def _part(part: Any) -> tuple[str, str]:
    if type(part) is str:
        return part, ""
    if not isinstance(part, Mapping):
        return "", ""
    if str(part.get("type")) in ("reasoning", "thinking"):
        thought = next(
            (part[k] for k in ("reasoning", "thinking", "text") if isinstance(part.get(k), str)), ""
        )
        return "", thought
    text = part.get("text")
    return (text, "") if isinstance(text, str) else ("", "")


def listed(value: Any) -> Any:
    """Messages where a log wrote them as JSON text (CSV cells, string columns); anything else unchanged.

    Example:
        >>> listed('[{"role": "assistant", "content": "4"}]')[0]["content"]
        '4'
        >>> listed('["a", "list", "that", "the", "policy", "wrote"]')
        '["a", "list", "that", "the", "policy", "wrote"]'
    """
    if type(value) is not str or not value.startswith(("[{", "{")) or '"role"' not in value[:4000]:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
