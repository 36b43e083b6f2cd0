"""What the compiled part reads in plain Python is what a parse finds there; what is not plain is parsed."""

from __future__ import annotations

import pickle
import sys
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from echoformat.classifier import Classifier
from echoformat.compiled import native
from echoformat.detectors import NOTHING, syntax
from echoformat.detectors.plain_code import QUERIES, Asks, Holds, bits_of
from echoformat.detectors.syntax import CLEAN_PART, LONGEST_PARSE, SyntaxDetector
from echoformat.errors import EchoformatWarning
from echoformat.format import Format, Syntax
from echoformat.formats import all_formats

pytestmark = pytest.mark.skipif(native() is None, reason="the compiled part is not built")

RULES = tuple(Syntax(f"r{i}", query, weight=0.4, clean=True) for i, query in enumerate(QUERIES))
PARSED = SyntaxDetector([Format("mine", "code", "t", "https://example.org", syntax=RULES)])

PLAIN = (
    "",
    "x = 1  # a note\n# another\n",
    "# nothing but a note\n",
    "x = 1\n" + "\n" * 40,
    "x = 1",
    "\n\n  x = 1\n y = 2\n",
    "ans = 3 * (4 - 1)\n",
    "ans: int = 3\nx: list[int]\n",
    "if x:\n    ans = 1\n",
    "total += 3; ans = total;",
    "a, b = b, a = c.d[0], e['k'].f\n",
    "x = [1, 2.5, .5, 1e-3, 'a', \"b\", None, True, ...,]\n",
    "x = {'a': 1, 'b': [2, (3, 4)], }\ny = {1, 2}\nz = {}\nw = ()\n",
    "x = a[1:2] + a[::2] + a[:, 1] + a[i, ::2] + a[i][j]\n",
    "x = not a and b or c not in d and e is not f\n",
    "x = a if b else c if d else e\n",
    "x = -a ** -2 // 3 % 4 << 1 | 2 ^ 3 & ~4\n",
    "x = [a for a in b if a > 1 if a]\ny = {k: v for k, (v, w) in c.items()}\nz = sum(a for a in b)\n",
    "x = sorted(a, key=lambda pen: pen.price, reverse=True)\ny = lambda: 0\n",
    "f(*a, b=1, **c)(2)[3].d\n",
    "print()\nprint(a, b, end='')\nprint('%d' % a)\nif a: print(b)\n",
    "x = f'{a} and {b:.2f} {{}} {c!r} {d[0]}'\ny = f\"{a['k'] + 1}\"\n",
    "x = r'\\d+' + b'a' + u'b' + '\\'\\n' + '''it's\nlong''' + '{'\n",
    "x = ('one' 'two'\n     f'{three}')\n",
    "x = type(a)\ny = re.match(b).case\n",
    "x = (1 +  # one\n     # two\n     2)\n",
    'def f():\n    """What it does."""\n    return\n',
    "def f(a, b: int, c=1, d: list[int] = None, *e, **g) -> dict[str, int] | None:\n    return a, b\n",
    "def f(\n    a,\n    b,\n):\n    pass\n\n\n# note\nf(1,\n  2)\n",
    "@a.b(1)\n@c\ndef f():\n\treturn 1\n\nclass A(B, metaclass=C):\n\t@d\n\tdef g(self): return 2\n",
    "class A:\n    x = 1\n\n    def f(self):\n        self.x = 2\n",
    "for i, (a, b) in c:\n  if a:\n    break\n  elif b: continue\n  else:\n    pass\nelse:\n  x = 1\n",
    "while True:\n    x = 1\nwith a as b:\n    pass\nwith c:\n    pass\n",
    "try:\n    x = 1\nexcept:\n    pass\n",
    "try: x = 1\nexcept (A, B) as e:\n    raise C(e)\nexcept D: pass\nelse:\n    y = 1\n",
    "try:\n    y = 1\nfinally:\n    z = 1\n",
    "import a.b, c as d\nfrom a.b import c as d, e\nfrom f import *\n",
    "global a, b\nassert a, b\ndel a[0]\nraise a\n",
    "prints = 'print(ans)'  # print\n",
    "def f():\n    for i in a:\n        if i:\n            return 1\n    else:\n        return 2\n",
    "x = 1\ny = 'caf\u00e9'  # \u00e9\n",
)
# What versions of the language disagree on, what holds an error, and what is rare.
NOT_PLAIN = (
    "Ada has 3 pens.",
    "x = $3",
    "6x - 3x = 24",
    "(n-1)C2 = 45",
    "x = (1",
    "x = 1)",
    "x = [1}",
    "x = 'a",
    "f(x) = 3",
    "1 = x",
    "x = a b",
    "x = a not b",
    "x = a + not b",
    "x = (a if b)",
    "x = [a if b for c in d else e]",
    "x = sum(a, b for c in d)",
    "x = sum(*a for b in c)",
    "x = a[]",
    "x = a[1,]",
    "x = a[:::]",
    "x = {1: 2, 3}",
    "x = {1, 2: 3}",
    "x: list[int][str] = 1",
    "x: a + b",
    "def f() -> a: b\n",
    "def f():\n",
    "def f():\nx = 1\n",
    "if a:\n    if b:\n        x = 1\n      y = 1\n",
    "else:\n    x = 1\n",
    "x = 1\nelif a:\n    y = 1\n",
    "try:\n    x = 1\n",
    "try:\n    x = 1\ny = 1\n",
    "if a:\n    try:\n        x = 1\ny = 1\n",
    "@a\nx = 1\n",
    "@a\n",
    "@a\n# note\ndef f(): pass\n",
    "class A:\n    @a\ndef f(): pass\n",
    "print a",
    "print(a) % b",
    "x = print(a)",
    "exec a",
    "from __future__ import a",
    "async def f():\n    await a\n",
    "match a:\n    case 1:\n        pass\n",
    "x = 0x1F",
    "x = 1if a else b",
    "x = f'{a=}' + f'{a:{b}}'",
    "x = f'{a['b']}'",
    "x = f'}'",
    "x = (yield a)",
    "(a, b) = c",
    "x = a \\\n  + b",
    "caf\u00e9 = 1",
    "x = 1\r\n",
    "x = 1\x00",
    "x = 1\f",
    "if a:\n    x = (1 +\n  2)\n",
    "x = a" + "[1]" * 99,
    "x = " + "(" * 60 + "a" + ")" * 60,
)


def _parsed(source: bytes) -> int | None:
    """What a parse finds; ``None`` where it finds an error, or gives up."""
    tree = PARSED._parse(source)
    if tree is None or tree.root_node.has_error or syntax.first_error(tree) < CLEAN_PART * len(source):
        return None
    cursor, owners = PARSED._cursor(tuple(range(len(RULES))))
    fired = {owners[k] for k, _ in cursor.matches(tree.root_node)}
    return sum(int(QUERIES[rule.query]) for i, rule in enumerate(RULES) if i in fired)


def _told(source: bytes) -> int:
    found: int = native().plain_python(source)  # type: ignore[union-attr]
    return found


@pytest.mark.parametrize("code", PLAIN)
def test_plain_code_holds_what_a_parse_finds(code: str) -> None:
    source = code.encode()
    assert _told(source) == _parsed(source)


@pytest.mark.parametrize("code", NOT_PLAIN)
def test_what_is_not_plain_is_left_to_a_parse(code: str) -> None:
    assert _told(code.encode()) == -1


@pytest.mark.parametrize("bit", list(Holds))
def test_every_bit_is_told(bit: Holds) -> None:
    assert any(_told(code.encode()) & bit for code in PLAIN)


@pytest.mark.parametrize("code", [code for code in PLAIN if code])
def test_code_cut_or_changed_anywhere_is_never_told_wrong(code: str) -> None:
    source = code.encode()
    for at in range(len(source)):
        for changed in (
            source[:at],
            source[at:],
            source[:at] + source[at + 1 :],
            *(source[:at] + sign + source[at:] for sign in (b"(", b"]", b":", b" ", b"\n", b"'", b",", b"=")),
        ):
            told = _told(changed)
            assert told == -1 or told == _parsed(changed), changed


WORDS = "x ans print type f r not in is if else for lambda and 1 2.5 'a' \"b\" f'{x}' return while try:"
SIGNS = "( ) [ ] { } : , = == + - * ** < . -> ! ; | @ \\ \u00e9"
SPACES = ("\n", "\n ", "\n    ", "    ", " ", " ", " ", "# a\n")
BEGINNINGS = ("def f(x):", "class A:", "import a", "from a import b", "with a as")
PIECES = st.lists(st.sampled_from([*WORDS.split(), *SIGNS.split(), *SPACES, *BEGINNINGS]), max_size=8).map(
    "".join
)
LINES = st.lists(st.sampled_from([line for code in PLAIN for line in code.splitlines()]), max_size=6)


@settings(max_examples=400)
@given(LINES.map("\n".join), PIECES, st.integers(0, 200), st.integers(0, 3))
@example("x = 1", "\x00", 5, 0)
def test_code_put_together_at_random_is_never_told_wrong(code: str, more: str, at: int, left: int) -> None:
    changed = (code[:at] + more + code[at + left :]).encode()
    told = _told(changed)
    assert told == -1 or told == _parsed(changed)


@given(st.binary(max_size=200))
def test_bytes_are_read_within_their_bounds(data: bytes) -> None:
    assert -1 <= _told(data) < Asks.IS_WHOLE


UNITS = {
    "list": ("x = [", "a,", "a]"),
    "arguments": ("print(", "a,", "a)"),
    "calls": ("", "print(a)\n", ""),
    "values": ("", "x=1\n", ""),
    "sum": ("x = a", "+a", ""),
    "signs": ("x = ", "-", "a"),
    "choices": ("", "if a:\n x\n", ""),
    "targets": ("", "a,", "a=1"),
    "parameters": ("def f(", "a=1,", "a=1):\n b\n"),
    "escapes": ("x = '", "\\n", "'"),
    "conditions": ("x = [a for a in a", " if a", "]"),
}


@pytest.mark.parametrize("before, unit, behind", UNITS.values(), ids=UNITS)
def test_code_that_may_exhaust_a_parse_is_not_told(before: str, unit: str, behind: str) -> None:
    for count in (9, 60, 100, 200, 400, 800, 1600):
        source = (before + unit * count + behind).encode()[:LONGEST_PARSE]
        told = _told(source)
        assert told == -1 or told == _parsed(source)


def test_every_rule_of_the_shelf_that_needs_clean_code_is_told_in_plain_code() -> None:
    clean = [rule for format in all_formats() for rule in format.syntax if rule.clean]
    assert bits_of(clean) is not None


def _texts() -> list[str]:
    found = [*PLAIN, *NOT_PLAIN, "def simple_math_problem():\n    result = 1\n    return result\n"]
    fenced = [f"So:\n```python\n{code}\n```\nDone.\n" for code in found]
    # A first line beyond ASCII is looked at by the twin.
    named = [f"x = '\u00e9'\n{code}" for code in found]
    return [text for text in (*found, *fenced, *named, "x = 1\n" * 900) if text.strip()]


def _shelves() -> dict[str, tuple[Format, ...]]:
    def shelf(*rules: Syntax) -> tuple[Format, ...]:
        return (Format("mine", "code", "t", "https://example.org", syntax=rules),)

    returns = "(return_statement (_)) @r"
    return {
        "the shelf": all_formats(),
        "clean anywhere": shelf(Syntax("returns", returns, weight=0.4, clean=True)),
        "not clean": shelf(Syntax("returns", returns, weight=0.4)),
        "of one's own": shelf(RULES[0], Syntax("any", "(module) @m", weight=0.4, clean=True, whole=True)),
        "both": shelf(*RULES, Syntax("any", '((identifier) @m (#eq? @m "ans"))', weight=0.4)),
    }


@pytest.mark.parametrize("shelf", _shelves())
def test_the_same_rules_fire_by_every_path(shelf: str, monkeypatch: pytest.MonkeyPatch) -> None:
    detector, texts = SyntaxDetector(_shelves()[shelf]), _texts()
    alone = [detector.find(text) for text in texts]
    many = detector.find_many([text.encode() for text in texts])
    again = pickle.loads(pickle.dumps(detector)).find_many([text.encode() for text in texts])
    monkeypatch.setenv("ECHOFORMAT_NATIVE", "0")
    assert alone == many == again == [detector.find(text) for text in texts]
    assert any(one.fired for one in alone)


def test_plain_code_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = SyntaxDetector(all_formats())
    expected = [detector.find(code) for code in PLAIN if code]

    def never(*_: Any) -> Any:
        raise AssertionError("parsed")

    monkeypatch.setattr(detector, "_parse", never)
    assert [detector.find(code) for code in PLAIN if code] == expected
    assert detector.find_many([code.encode() for code in PLAIN if code]) == expected


def test_without_a_grammar_plain_code_says_nothing_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tree_sitter_python", None)
    detector = SyntaxDetector(all_formats(), later=True)
    with pytest.warns(EchoformatWarning, match="pip install tree-sitter-python"):
        assert detector.find_many([b"x = 1\n"]) == [NOTHING]
    assert detector.find_many([b"x = 1\n"]) == [NOTHING]


def test_the_same_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [text + "\n" + more for text in _texts() for more in ("", "ans = 1\n")]
    found = Classifier().classify_batch(texts)
    monkeypatch.setenv("ECHOFORMAT_NATIVE", "0")
    assert Classifier().classify_batch(texts).columns() == found.columns()


def test_wrong_arguments_are_refused() -> None:
    compiled: Any = native()
    with pytest.raises(TypeError):
        compiled.plain_python("x")
    with pytest.raises(TypeError):
        compiled.codes([b"x"], 9, 0.5, (3,), 1)
    with pytest.raises(TypeError):
        compiled.codes([b"x"], 9, 0.5, [b"x"], 1)
