"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of study data: `$ECHOFORMAT_SHARED`, else `../shared`; tests skip without it."""
    named = os.environ.get("ECHOFORMAT_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"no study data: set ECHOFORMAT_SHARED or put it at {folder}")
    return folder
