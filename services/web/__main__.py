"""`python -m services.web`."""

from __future__ import annotations

from services.web.server import Server
from services.web.settings import WebSettings
from shared.logs import configure
from shared.settings import load_or_exit


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = load_or_exit(WebSettings)
    configure("web", settings.log_format)
    Server(settings).run()


if __name__ == "__main__":
    main()
