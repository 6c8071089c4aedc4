"""`python -m cli`: the command line where the package is not installed, as in the containers."""

from __future__ import annotations

from cli.main import main

main()
