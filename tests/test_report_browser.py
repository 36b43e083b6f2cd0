"""The page in headless Chromium: nothing runs, nothing is fetched, what was written is what is read."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from echoformat import Classifier, Completion, label_run, report_page
from echoformat.report.escape import visible

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--v=0",
)
SECONDS = 60
MARK = "reached by the page"


def _browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine: " + ", ".join(BROWSERS))
    return found


class _Trap(BaseHTTPRequestHandler):
    """Answers every request and remembers it."""

    seen: list[str]

    def do_GET(self) -> None:
        type(self).seen.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript")
        self.end_headers()
        self.wfile.write(b"document.title = 'taken over'")

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def trap() -> Iterator[tuple[str, list[str]]]:
    """The address of a local server, and the requests that it got."""
    handler = type("Trap", (_Trap,), {"seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler.seen
    server.shutdown()
    thread.join()


def _hostile(address: str) -> list[str]:
    return [
        "</script><script>alert(1)</script>",
        f"</pre></details><img src={address}/img onerror=alert(2)>",
        f"<script src='{address}/script'></script>",
        f'"><link rel=stylesheet href="{address}/css"><iframe src="{address}/frame"></iframe>',
        f"<style>@import url({address}/import); body {{ background: url({address}/back) }}</style>",
        f"<meta http-equiv=refresh content='0;url={address}/refresh'><base href='{address}/'>",
        "<svg onload=document.title='taken'><a href='javascript:alert(3)'>x</a></svg>",
        "<!-- ]]> --> ${alert(4)} {{alert(5)}} \u2028 \u202e order \x00 \x1b[2J",
    ]


def _dump(browser: str, page: Path, profile: Path, *more: str) -> tuple[str, str]:
    done = subprocess.run(
        [browser, *FLAGS, f"--user-data-dir={profile}", *more, page.as_uri()],
        capture_output=True,
        timeout=SECONDS,
        check=True,
    )
    return done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


class _Pre(HTMLParser):
    """Texts of the pre elements of a serialised page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._depth = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "pre":
            self._depth += 1
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "pre"

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.texts[-1] += data


@pytest.mark.slow
def test_hostile_completions_stay_text_in_a_browser(tmp_path: Path, trap: tuple[str, list[str]]) -> None:
    browser, (address, seen) = _browser(), trap
    texts = _hostile(address)
    rows = [Completion(t, run=t, step=i % 2, problem=t, split=t) for i, t in enumerate(texts)]
    page = tmp_path / "report.html"
    page.write_text(report_page(label_run(rows, Classifier())), encoding="utf-8")
    dom, log = _dump(browser, page, tmp_path / "profile", "--dump-dom")
    assert "CONSOLE" not in log, log
    assert not seen
    assert "taken" not in dom.split("</title>")[0]
    assert sorted(text.lstrip("\n") for text in _Pre(dom).texts) == sorted(
        visible(text, keep_newlines=True) for text in texts
    )
    assert json.loads(dom.split('id="echoformat-data">')[1].split("</script>")[0])["runs"]


@pytest.mark.slow
def test_the_trap_would_have_caught_a_request(tmp_path: Path, trap: tuple[str, list[str]]) -> None:
    """Otherwise the test above could not fail."""
    address, seen = trap
    page = tmp_path / "page.html"
    page.write_text(f"<img src={address}/img><script>console.error('{MARK}')</script>", encoding="utf-8")
    _, log = _dump(_browser(), page, tmp_path / "profile", "--dump-dom")
    assert seen == ["/img"]
    assert MARK in log


@pytest.mark.slow
def test_the_log_axis_can_be_chosen_without_a_script(tmp_path: Path) -> None:
    rows = [Completion("ans = 3\n" if step > 9 else "", step=step, problem="p") for step in range(40)]
    page = report_page(label_run(rows, Classifier()))
    shots = []
    for number, text in enumerate(
        (page, page.replace(" checked>", ">").replace('-log">', '-log" checked>', 1))
    ):
        file, shot = tmp_path / f"{number}.html", tmp_path / f"{number}.png"
        file.write_text(text, encoding="utf-8")
        _dump(
            _browser(), file, tmp_path / f"profile{number}", "--window-size=900,900", f"--screenshot={shot}"
        )
        shots.append(shot.read_bytes())
    assert shots[0] != shots[1]
