"""What one would script: fritzconnection's FritzMonitor and Flask-SSE. And the least there can be: Redis pub/sub alone.

Run by the peers' Python, which has none of our code.

    gunicorn -k gevent scripted:app                 the event stream; REDIS_URL says where Redis is
    scripted.py monitor BOX_PORT PHONEBOOK          reads the box, looks up who it is, publishes by Flask-SSE
    scripted.py bare BOX_PORT PHONEBOOK             publishes the name alone, over one connection
"""

from __future__ import annotations

import os
import sys
from typing import Any, Final

from flask import Flask
from flask_sse import sse
from fritzconnection.core.fritzmonitor import FritzMonitor
from fritzconnection.lib.fritzphonebook import FritzPhonebook
from redis import Redis

CHANNEL: Final = "sse"

app = Flask(__name__)
app.config["REDIS_URL"] = os.environ["REDIS_URL"]
app.register_blueprint(sse, url_prefix="/stream")


class Box:
    """The box's TR-064 side, without the network: the phonebook is a file."""

    session = None

    def __init__(self, phonebook: str) -> None:
        self._phonebook = phonebook

    def call_action(self, *_: Any, **__: Any) -> dict[str, str]:
        """Where the phonebook is, whatever was asked."""
        return {"NewPhonebookURL": self._phonebook}


def monitor(box_port: int, names: dict[str, str]) -> None:
    """As in fritzconnection's and Flask-SSE's documentation."""
    with app.app_context(), FritzMonitor(address="127.0.0.1", port=box_port) as box:
        events = box.start()
        while True:
            at, kind, connection, *rest = events.get().split(";")
            if kind == "RING":
                call = {"at": at, "connection": connection, "number": rest[0], "own_number": rest[1]}
                sse.publish({**call, "name": names.get(rest[0], "")}, type="ring")
            else:
                sse.publish({"at": at, "connection": connection}, type=kind.lower())


def bare(box_port: int, names: dict[str, str]) -> None:
    """No Flask, no JSON, no HTTP: the floor."""
    redis = Redis.from_url(os.environ["REDIS_URL"])
    with FritzMonitor(address="127.0.0.1", port=box_port) as box:
        events = box.start()
        while True:
            _, kind, _, *rest = events.get().split(";")
            redis.publish(CHANNEL, names.get(rest[0], "") if kind == "RING" else kind)


if __name__ == "__main__":
    names = FritzPhonebook(fc=Box(sys.argv[3])).get_all_numbers(0)  # by number, read once and kept
    {"monitor": monitor, "bare": bare}[sys.argv[1]](int(sys.argv[2]), names)
