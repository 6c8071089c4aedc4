"""How to get at a simulated TR-064 interface."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

from shared.boxes import Box
from simulators.fritzbox.tr064.interface import PASSWORD, Tr064Interface


def box_at(interface: Tr064Interface, **changes: object) -> Box:
    """The settings of somebody whose box this is: in Cologne, as the simulated office."""
    settings = {
        "name": "cologne",
        "host": "127.0.0.1",
        "area_code": "221",
        "user": "callmonitor",
        "password": PASSWORD,
        "tr064_port": interface.port,
    }
    return Box.model_validate(settings | changes)


def self_signed(folder: Path) -> ssl.SSLContext:
    """TLS with a certificate that nobody else vouches for, as a box has it."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=fritz.box", "-keyout", "key.pem", "-out", "certificate.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
