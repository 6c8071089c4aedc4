"""What a browser asks of Limbas, by address: the top document, `main.php`, `main_dyns.php`, scripts and styles."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from simulators.limbas import php, schema
from simulators.limbas.browser import forms, interpreter, top_document, vendor
from simulators.limbas.browser.frame_pages import FramePages
from simulators.limbas.browser.installation import Installation
from simulators.limbas.messages import Reply, Request
from simulators.limbas.pages import error_page, login_page
from simulators.limbas.sessions import COOKIE, LoginRefused, Session, Sessions
from simulators.limbas.soap import PhpArray
from simulators.limbas.store import Store

_ASSETS: Final = Path(str(files("simulators.limbas.browser").joinpath("assets")))
_VERSIONS: Final = {"7": "7.0.25", "5": "5.3.13"}
_NO_PHONE: Final = b'<script>alert("no phone is installed!");</script>'

_HINT: Final = (
    "Simulator. Benutzer anna, bernd oder admin; das Passwort ist callmonitor, wenn niemand ein anderes gesetzt hat."
)


class Unable(Exception):
    """Extensions cannot be run on this machine. The text is one sentence that says what is missing."""


class Site:
    """The pages of one server, with the extensions of an installation. Raises `Unable`."""

    def __init__(self, store: Store, sessions: Sessions, installation: Path, version: str) -> None:
        self._php = interpreter.find_php()
        if self._php is None:
            raise Unable("The extensions of Limbas are PHP: install php-cli.")
        if not vendor.is_there():
            raise Unable("The pages of Limbas need Bootstrap: install the Python package Bootstrap-Flask.")
        try:
            self._installation = Installation(installation)
        except ValueError as error:
            raise Unable(str(error)) from None
        self._store = store
        self._sessions = sessions
        self._in_method = version == "7"
        self._version = _VERSIONS[version]
        self._pages = FramePages(store, self._version)
        self.complaints: list[str] = []
        """What PHP had to say of the extensions: there should be nothing."""
        self.dial_engine = ""
        """The Limbas setting of that name."""

    def reply(self, method: str, path: str, query: str, request: Request) -> Reply:
        """Answer a request. Whoever is not logged in gets the login page instead of anything but scripts and styles."""
        if path.startswith(("/assets/", "/localassets/")):
            return _file(self._asset(path))
        asked = forms.parse(query)
        form = forms.parse(request.body.decode(errors="replace")) if method == "POST" else {}
        try:
            session, headers = self._enter(request, form)
        except LoginRefused as refused:
            return Reply(200, login_page(locked=refused.locked, hint=_HINT))
        reply = self._answer(path, asked, form, session)
        return Reply(reply.status, reply.body, reply.content_type, {**reply.headers, **headers})

    def _answer(self, path: str, asked: PhpArray, form: PhpArray, session: Session) -> Reply:
        if path in {"/", "/index.php"}:
            if "logout" in asked:
                self._sessions.end(session)
                return Reply(303, b"", headers={"Location": "./"})
            if "sess_refresh" in asked:
                session.extensions = self._installation.extensions()
            return self._top_document(session)
        if path == "/main.php":
            return self._pages.reply(asked | form, session, *self._loaded(session))
        if path == "/main_dyns.php":
            return self._dyns(asked | form, session)
        return Reply(404, error_page(404))

    def _enter(self, request: Request, form: PhpArray) -> tuple[Session, dict[str, str]]:
        """Raises `LoginRefused`."""
        credentials = (php.text(form.get("username")), php.text(form.get("password"))) if "username" in form else None
        session, new = self._sessions.enter(request.cookie, credentials, request.address)
        if not new:
            return session, {}
        session.extensions = self._installation.extensions()
        return session, {"Set-Cookie": f"{COOKIE}={session.id}; path=/; HttpOnly; SameSite=strict"}

    def _top_document(self, session: Session) -> Reply:
        entries = top_document.first_entries()
        variables = self._variables(session) | {
            "menu": {0: entries},
            "elid": len(entries) + 1,
            # As the entry before left it: Limbas does not clear it for extensions.
            "melements": entries[-1],
        }
        ran = self._run(variables, session.extensions.get("ext_multiframe.inc", []), report=["menu"])
        menu = ran.globals.get("menu") or [entries]
        found = menu[0] if isinstance(menu, list) else menu["0"]
        return Reply(200, top_document.render(session, self._version, list(_values(found)), ran.output))

    def _dyns(self, params: PhpArray, session: Session) -> Reply:
        action = php.text(params.get("actid"))
        match action:
            case "multiframeCount":
                return Reply(200, b'{"mid":null}')
            case "layoutSettings":
                return Reply(200, b"")
            case "dialNumber":
                return self._call(f"LmbDialNumber_{self.dial_engine}", params.get("phoneNr"), session, _NO_PHONE)
            case "multiframePreview":
                function = f"LmbExt_{php.text(params.get('limbasMultiframeItem'))}"
                return self._call(function, params, session, b"&nbsp;keine Datens&auml;tze vorhanden!")
        return self._call(f"dyns_{action}", params, session, b"function not available")

    def _call(self, function: str, params: Any, session: Session, otherwise: bytes) -> Reply:
        """What an extension's function prints. Limbas 7 says of everything that it is `text/html`."""
        files = session.extensions.get("ext_ajax.inc", [])
        ran = self._run(self._variables(session), files, call=function, params=params)
        return Reply(200, ran.output.encode() if ran.called else ran.output.encode() + otherwise)

    def _run(self, variables: PhpArray, include: Sequence[Path], **how: Any) -> interpreter.Ran:
        ran = interpreter.run(self._php or "", variables, include, in_method=self._in_method, **how)
        self.complaints += ran.complaints
        return ran

    def _variables(self, session: Session) -> PhpArray:
        """Those that Limbas has for extensions, as far as FACTS lists them."""
        may_write = session.user.may_write
        return {
            "session": session.block(),
            "groupdat": {"name": {session.user.id: session.user.group}},
            "umgvar": {"version": self._version, "multiframe_refresh": 1, "dial_engine": self.dial_engine},
            "gtab": schema.gtab(session.tables, may_write=may_write),
            "gfield": schema.gfield(session.tables, may_write=may_write),
        }

    def _loaded(self, session: Session) -> tuple[list[str], list[str]]:
        """The addresses of the scripts and styles that extensions have on every page of the main frame."""
        scripts, styles = (session.extensions.get(name, []) for name in ("ext_main.js", "ext_main.css"))
        return list(map(self._installation.address, scripts)), list(map(self._installation.address, styles))

    def _asset(self, path: str) -> Path | None:
        if path.startswith("/localassets/"):
            return self._installation.asset(path.removeprefix("/localassets/"))
        name = path.removeprefix("/assets/")
        if name.startswith("vendor/"):
            return vendor.vendor_file(name.removeprefix("vendor/"))
        return file if (file := _ASSETS / name) in _ASSETS.iterdir() else None


def _values(array: Any) -> Sequence[Any]:
    """The values of a PHP array as JSON has it: a list when its keys count up from 0."""
    return list(array.values()) if isinstance(array, dict) else list(array)


def _file(path: Path | None) -> Reply:
    if path is None:
        return Reply(404, error_page(404))
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Reply(200, path.read_bytes(), content_type, {"Cache-Control": "no-cache"})
