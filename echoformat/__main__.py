"""python -m echoformat"""

from __future__ import annotations

import sys

from echoformat.cli import main

if __name__ == "__main__":
    sys.exit(main())
