"""Text of unknown origin made harmless for the place it goes to: a terminal, a page, a spreadsheet.

Completions are written by a model that is being optimised; what they hold may be read as commands by the
program that shows them. Nothing in this library prints one without going through here.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

# Characters that reorder, hide or join what stands around them.
BIDI_AND_INVISIBLE = frozenset(
    [0x061C, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF, *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def _is_plain(code: int) -> bool:
    control = code < 0x20 or 0x7F <= code < 0xA0
    surrogate, tag = 0xD800 <= code < 0xE000, 0xE0000 <= code < 0xE1000
    return not (control or surrogate or tag or code in BIDI_AND_INVISIBLE)


def _shown(code: int) -> str:
    if code < 0x100:
        return {9: "\\t", 10: "\\n", 13: "\\r"}.get(code, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str, *, keep_newlines: bool = False) -> str:
    r"""Text for a terminal: control, C1, bidirectional and invisible characters and surrogates as escapes.

    Args:
        text: Anything.
        keep_newlines: Leave newlines (and tabs) as they are.

    Example:
        >>> print(visible("red \x1b[31m, bell \x07, C1 \x9b, order \u202e, half \ud800"))
        red \x1b[31m, bell \x07, C1 \x9b, order \u202e, half \ud800
        >>> visible("tab\tand\nline", keep_newlines=True)
        'tab\tand\nline'
    """
    kept = (9, 10) if keep_newlines else ()
    return "".join(c if _is_plain(ord(c)) or ord(c) in kept else _shown(ord(c)) for c in text)


def html(text: object) -> str:
    r"""Text for the inside of an element or a quoted attribute of a page.

    Characters that no page may hold (controls, surrogates) and those that reorder it become visible escapes.

    Example:
        >>> html('</script><img src=x onerror="alert(1)">')
        '&lt;/script&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;'
    """
    return escape(visible(str(text), keep_newlines=True), quote=True)


def script_json(value: Any) -> str:
    r"""JSON for the inside of a script element: nothing in it can end the element or be markup.

    Raises:
        ValueError: It holds NaN or an infinity.

    Example:
        >>> script_json(["</script>"])
        '["\\u003c/script\\u003e"]'
    """
    text = json.dumps(value, allow_nan=False, ensure_ascii=True, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def csv_cell(value: Any) -> Any:
    """A value for a CSV cell; text that a spreadsheet would run as a formula gets an apostrophe before it.

    Example:
        >>> csv_cell("=1+1"), csv_cell(-1), csv_cell("plain")
        ("'=1+1", -1, 'plain')
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
