"""`python -m cli.prepare STATE LOGINS`: what Docker Compose runs before everything else.

Makes, unless it is there, what nobody has to think up: the secret that signs the tokens, and a login at Redis for each
container. Each folder is a volume of its own, so that a container is given its own login and no other.

    STATE/web-secret                   the secret
    LOGINS/server/users.acl            who may do what, for Redis itself; only hashes of the passwords
    LOGINS/<user>/username, password   a login
    LOGINS/<user>/own-password         the password for Compose's own Redis, kept when another one is used

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


def prepare(state: Path, logins: Path, settings: PrepareSettings) -> None:
    """Make what is missing, and renew the rules."""
    if given := settings.web_secret.get_secret_value():
        _write(state / "web-secret", given)
    _kept(state / "web-secret")
    passwords = {user.name: _kept(logins / user.name / "own-password") for user in USERS}
    _write(logins / "server" / "users.acl", acl_file(settings.event_stream, passwords))
    own = urlsplit(settings.redis_url).hostname == OWN_REDIS
    theirs = settings.redis_password.get_secret_value() if settings.redis_password else ""
    for user, password in passwords.items():
        _write(logins / user / "username", user if own else settings.redis_username)
        _write(logins / user / "password", password if own else theirs)


def _kept(file: Path) -> str:
    """The secret in a file, which is made if it is not there."""
    if not (file.is_file() and file.stat().st_size):
        _write(file, secrets.token_hex(32))
    return file.read_text().strip()


def _write(file: Path, text: str) -> None:
    """Put `text` into a file that only we can read, in one step."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = file.with_name(f".{file.name}")
    aside.touch(mode=0o600)
    aside.write_text(text)
    aside.replace(file)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]), load_or_exit(PrepareSettings))
