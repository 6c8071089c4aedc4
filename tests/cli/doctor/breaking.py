"""One thing that is wrong in an office."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

from simulators.limbas.faults import Fault, FaultKind
from simulators.limbas.server import USERS
from simulators.limbas.sessions import EVERY_MENU_RIGHT
from tests.cli.doctor.office import Office

Break = Callable[[Office], object]


def all_of(*breaks: Break) -> Break:
    return lambda office: [break_it(office) for break_it in breaks]


def environment(**changes: str) -> Break:
    return lambda office: office.environment.update(changes)


def redis_set(**changes: str) -> Break:
    def change(office: Office) -> None:
        for name, value in changes.items():
            office.redis.config_set(name.replace("_", "-"), value)

    return change


def field_is(name: str, /, **changes: object) -> Break:
    return lambda office: office.field_is(name, **changes)


def field_gone(name: str) -> Break:
    return field_is(name, name=f"{name}_OLD")


def table_gone(name: str) -> Break:
    def remove(office: Office) -> None:
        tables = office.limbas.store.tables
        table = tables.named(name)
        assert table
        office.limbas.store.tables = tables.without_table(table)

    return remove


def limbas_fault(kind: FaultKind) -> Break:
    return lambda office: office.limbas.faults.switch_on(Fault(kind))


def menu_right_gone(number: int) -> Break:
    user = replace(USERS[0], menu_rights=EVERY_MENU_RIGHT - {number})
    return lambda office: office.limbas.sessions.set_user(user)


def toml(text: str) -> Break:
    return lambda _: Path("callmonitor.toml").write_text(text, encoding="utf-8")


@contextmanager
def hanging_up() -> Iterator[int]:
    """A port that accepts connections and closes them."""
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        try:
            while True:
                server.accept()[0].close()
        except OSError:
            return

    thread = Thread(target=accept)
    with closing(server):
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join()
