"""nchan, nginx' module for many subscribers, in C: Debian's package, with one worker process."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.processes import FILES, only_child, running
from tests.valkey import free_port
from tests.waiting import eventually

MODULE: Final = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
PACKAGE: Final = "libnginx-mod-nchan"
REQUEST: Final = b"GET /sub HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
_CONFIGURATION: Final = """
load_module {module};
daemon off;
user root;
worker_processes 1;
worker_rlimit_nofile {files};
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ worker_connections {files}; }}
http {{
    access_log off;
    nchan_max_reserved_memory 256M;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 1000000;
        location = /pub {{ nchan_publisher; nchan_channel_id calls; nchan_message_buffer_length 1000; }}
        location = /sub {{
            nchan_subscriber eventsource; nchan_channel_id calls; nchan_subscriber_first_message newest;
        }}
    }}
}}
"""


def is_installed() -> bool:
    """Whether it can run here."""
    return MODULE.exists() and shutil.which("nginx") is not None


@contextmanager
def nchan() -> Iterator[tuple[int, int]]:
    """The server's port, and its worker's process id."""
    port = free_port()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "nginx.conf"
        file.write_text(_CONFIGURATION.format(module=MODULE, files=FILES, folder=folder, port=port))
        with running(["nginx", "-c", file, "-p", folder]) as master:
            eventually(lambda: publisher_answers(port), within=15)
            yield port, only_child(master)


class Publisher:
    """Publishes over one connection that is kept."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def publish(self, document: bytes) -> None:
        """Send a message to all subscribers."""
        self._connection.request("POST", "/pub", document)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status not in (201, 202):
            raise ConnectionError(f"nchan refused a message: {answer.status}")


def publisher_answers(port: int) -> bool:
    """Whether the server is there."""
    try:
        Publisher(port).publish(b".")
    except OSError:
        return False
    return True
