"""`python -m cli.prepare FOLDER`: what Docker Compose runs before everything else.

Makes in FOLDER, unless it is there, what nobody has to think up: the secret that signs the tokens, and a login at Redis
for each container. Each lies in a folder of its own, so that a container is given its own and no other:

    web/secret                             the secret
    redis/server/users.acl                 who may do what, for Redis itself; the passwords' hashes only
    redis/server/passwords/<user>          what they are made of, for the next time
    redis/<user>/username, password        a login

Settings come from the environment. With `REDIS_URL` there is another Redis than Compose's own, which has its own rules:
then every login is `REDIS_USERNAME` and the password in `REDIS_PASSWORD_FILE`.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from cli.prepare.redis_users import USERS, acl_file
from shared.settings import CommonSettings, load_or_exit

OWN_REDIS: Final = "redis"
"""The name of Compose's own."""


class PrepareSettings(CommonSettings):
    """What may be given from outside."""

    web_secret: SecretStr = SecretStr("")


def prepare(folder: Path, settings: PrepareSettings) -> None:
    """Make what is missing, and renew the rules."""
    _prepare_web(folder, settings.web_secret.get_secret_value())
    _prepare_redis(folder / "redis", settings)


def _prepare_web(folder: Path, given: str) -> None:
    secret, earlier = folder / "web" / "secret", folder / "web-secret"
    if earlier.is_file():  # where version 0.1 kept it, for every container to see
        _make_folder(secret.parent)
        earlier.replace(secret)
    if given:
        _write(secret, given)
    _kept(secret)


def _prepare_redis(folder: Path, settings: CommonSettings) -> None:
    passwords = {user.name: _kept(folder / "server" / "passwords" / user.name) for user in USERS}
    _write(folder / "server" / "users.acl", acl_file(settings.event_stream, passwords))
    own = urlsplit(settings.redis_url).hostname == OWN_REDIS
    theirs = settings.redis_password.get_secret_value() if settings.redis_password else ""
    for user, password in passwords.items():
        _write(folder / user / "username", user if own else settings.redis_username)
        _write(folder / user / "password", password if own else theirs)


def _kept(file: Path) -> str:
    """The secret in a file, which is made if it is not there."""
    if not (file.is_file() and file.stat().st_size):
        _write(file, secrets.token_hex(32))
    return file.read_text().strip()


def _write(file: Path, text: str) -> None:
    """Put `text` into a file that only we can read, in one step."""
    _make_folder(file.parent)
    aside = file.with_name(f".{file.name}")
    aside.touch(mode=0o600)
    aside.write_text(text)
    aside.replace(file)


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), load_or_exit(PrepareSettings))
