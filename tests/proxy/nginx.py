"""The real nginx with our example configuration, as a process of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.valkey import free_port
from tests.waiting import eventually

EXAMPLE = Path(__file__).parents[2] / "deploy" / "nginx.conf"
MAIN = """
    daemon off;
    user root;
    worker_processes 1;
    pid {folder}/nginx.pid;
    events {{ }}
    http {{
        client_body_temp_path {folder}/bodies;
        proxy_temp_path {folder}/proxied;
        fastcgi_temp_path {folder}/fastcgi;
        uwsgi_temp_path {folder}/uwsgi;
        scgi_temp_path {folder}/scgi;
        include {folder}/callmonitor.conf;
    }}
"""


class Nginx:
    """nginx in front of a web service, on free ports."""

    def __init__(self, program: str, folder: Path, certificate: Path, web_port: int, **changes: str) -> None:
        """`certificate` is a folder with `ca.pem` and `key.pem`; `changes` are words of the example to replace."""
        self.folder = folder
        self.port, self.plain_port = free_port(), free_port()
        self.url = f"https://localhost:{self.port}/callmonitor"
        self._program = program
        example = EXAMPLE.read_text()
        replaced = {
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            "    listen [::]:80;\n": "",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{self.port} ssl http2;",
            "    listen [::]:443 ssl http2;\n": "",
            "server 127.0.0.1:8080;": f"server 127.0.0.1:{web_port};",
            "/etc/ssl/certs/office.example.pem": f"{certificate}/ca.pem",
            "/etc/ssl/private/office.example.key": f"{certificate}/key.pem",
            "/var/log/nginx/": f"{folder}/",
            **{name.replace("_", " "): text for name, text in changes.items()},
        }
        for written, here in replaced.items():
            assert written in example, f"the example does not say {written!r} any more"
            example = example.replace(written, here)
        (folder / "callmonitor.conf").write_text(example)
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it listens."""
        with (self.folder / "start.log").open("wb") as log:
            command = [self._program, "-p", str(self.folder), "-c", "nginx.conf", "-e", "stderr"]
            self._process = subprocess.Popen(command, stderr=log)
        eventually(self._runs)

    def logs(self) -> str:
        """All that it has written."""
        return "".join(file.read_text() for file in self.folder.glob("*.log"))

    def close(self) -> None:
        """Leave nothing behind."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)

    def _runs(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.logs()
        pid = self.folder / "nginx.pid"
        return pid.exists() and pid.read_text().strip() == str(self._process.pid)
