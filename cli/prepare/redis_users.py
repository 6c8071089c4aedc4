"""The users of our Redis: who may do what with which keys, as a file of access rules (`aclfile`). Pure.

A service that was broken into can do at Redis what it needs for its own work, and no more. There is no default user:
who does not log in, can do nothing. Rules in the form of Redis 7.0 and Valkey 8, the oldest that we work with.

A script counts as writing all keys that it names, whatever it does with them; those that only read are run as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

READ: Final = "%R"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who logs in."""

    name: str
    commands: str
    """In the language of ACL rules, apart from `EVERYBODY`'s."""
    keys: tuple[str, ...] = ()
    """Beside the stream, `{stream}:…`, that may be read and written."""
    readable: tuple[str, ...] = ()
    """As `keys`, but not to be written."""
    stream: str = ""
    """What may be done with the stream itself: `""` nothing, `"R"` read it, `"RW"` write it, too."""
    besides: str = ""
    """What else, as a selector: other commands with other keys."""


EVERYBODY: Final = "+ping +client -@admin -@dangerous"
"""Redis 7.0 does not know all subcommands of CLIENT by name, and refuses a whole file for one unknown name."""
SCRIPTS: Final = "+evalsha +eval +script|load +script|exists +multi +exec"
READING_SCRIPTS: Final = "+evalsha_ro +eval_ro"
TRIMMING: Final = "+exists +xinfo|groups +xpending +xrange +xack +xtrim"
"""Of `shared.trimming`."""
CONSUMER: Final = (
    f"{SCRIPTS} {TRIMMING} +xgroup|create +xgroup|delconsumer +xreadgroup +xadd +xautoclaim +xclaim "
    "+hset +hexists +time"
)
"""Of a worker of a consumer group (`shared.consumer`), and its dead letters."""
WATCHING: Final = f"{TRIMMING} +xlen +time"
"""Of `services.jobs.metrics` and `services.jobs.retention`."""
STRINGS: Final = "+get +set +del +exists"
QUEUE: Final = f"(+@all -@admin -@dangerous -@pubsub -@scripting {SCRIPTS} -scan -randomkey ~rq:*)"
"""All that RQ may want, with its own keys."""

USERS: Final = (
    User(
        "ingest",
        f"{SCRIPTS} +get +set +expire +xadd +xrevrange +hget +hmget +hgetall +hset +hincrby +hdel "
        "+rpush +ltrim +lrange",
        keys=("active", "seq:*", "box:*", "quarantine"),
        stream="RW",
    ),
    User(
        "matcher",
        f"{CONSUMER} {STRINGS} {READING_SCRIPTS} +hget +hmget",
        keys=("active", "dead", "contacts:*", "limbas:login-refused"),
        readable=("contacts", "pins", "phonebook"),
        stream="RW",
    ),
    User(
        "logger",
        f"{CONSUMER} {STRINGS} +hget +hmget +hdel +hincrby +expire +ttl +zadd +zrem +zremrangebyrank",
        keys=("active", "dead", "record:*", "unknown", "limbas", "limbas:login-refused"),
        stream="RW",
    ),
    User(
        "jobs",
        f"{SCRIPTS} {STRINGS} {READING_SCRIPTS} {WATCHING} +info +unlink +expire +persist +rename +xadd +hget +hmget "
        "+hset +hexists +hgetall +hscan +rpush +lrange +zadd +zrem +zrange +zrangebyscore +zremrangebyscore",
        keys=(
            "active",
            "dead",
            "quarantine",
            "contacts",
            "contacts:*",
            "phonebook*",
            "unknown",
            "limbas:login-refused",
        ),
        readable=("pins",),
        stream="RW",
        besides=f"+client|list {QUEUE}",
    ),
    User(
        "web",
        f"{SCRIPTS} +get +hgetall +xread +xrange +xrevrange +xadd +hset +hexists +zscan +zrem +zrange "
        "+zremrangebyscore",
        keys=("active", "pins", "unknown"),  # for "this is …"
        readable=("limbas", "forgotten"),
        stream="RW",
    ),
    User(
        "operator",
        f"+@all -@admin -@dangerous -@scripting {SCRIPTS} {READING_SCRIPTS} +info +client|list +scan +bgrewriteaof",
        keys=("*",),
        stream="RW",
        besides=QUEUE,
    ),
    User("health", ""),
)
"""One per container, with the container's name. `operator` is for people on the command line."""


def acl_file(stream: str, passwords: Mapping[str, str]) -> str:
    """The file for the event log `stream`. `passwords`: of each of `USERS`; the file has their hashes only."""
    # Nobody can be the default user but Redis itself, which reads its file as that one after a restart: of transactions
    # and scripts it would leave out what the user may not, without a word (7.0 does).
    lines = ["user default off resetpass sanitize-payload ~* &* +@all"]
    return "\n".join([*lines, *(_line(user, stream, passwords[user.name]) for user in USERS), ""])


def _line(user: User, stream: str, password: str) -> str:
    beside = _literally(f"{{{stream}}}:")
    keys = [f"~{beside}{key}" for key in user.keys]
    keys += [f"{READ}~{beside}{key}" for key in user.readable]
    if user.stream:
        keys.append(("~" if user.stream == "RW" else f"{READ}~") + _literally(stream))
    hashed = sha256(password.encode()).hexdigest()
    login = ["user", user.name, "on", f"#{hashed}", "resetchannels"]
    return _spaced([*login, "-@all", EVERYBODY, user.commands, *keys, user.besides])


def _literally(text: str) -> str:
    """A pattern that only this very text matches."""
    return re.sub(r"([*?\[\]\\^])", r"\\\1", text)


def _spaced(words: Iterable[str]) -> str:
    return " ".join(filter(None, words))
