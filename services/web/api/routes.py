"""The addresses under `/api`."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

import structlog
from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from services.web.api.calls import Calls, StillReading
from services.web.api.contact import CannotBeChosen, Contacts
from services.web.api.models import CallsQuery, ContactChoice, Me, SearchQuery
from services.web.api.openapi import description
from services.web.api.parsing import from_body, from_query
from services.web.errors import problem
from services.web.projection import CallView
from services.web.rights import Rights
from services.web.sign_in import signed_in

log = structlog.get_logger()


def api_blueprint(secret: str, calls: Calls, contacts: Contacts) -> Blueprint:
    """All of them. `secret` is what tokens are signed with."""
    api = Blueprint("api", __name__, url_prefix="/api")
    api.record_once(lambda setup: setup.app.url_map.converters.update(call=_CallId))

    @api.get("/openapi.json")
    def openapi() -> Response:
        return jsonify(description())

    @api.get("/me")
    def me() -> Response:
        identity = signed_in(secret, in_query=True)
        rights = identity.rights
        ends = datetime.fromtimestamp(identity.expires_at, UTC)
        return _answer(Me(user=identity.user, calls=rights.calls, mine=rights.name_own, expires_at=ends))

    @api.get("/calls")
    def list_calls() -> Response:
        identity = signed_in(secret, in_query=True)
        return _answer(calls.page(identity.rights, from_query(CallsQuery, request)))

    @api.post("/calls/search")
    def search_calls() -> Response:
        identity = signed_in(secret, in_query=False)
        return _answer(calls.page(identity.rights, from_body(SearchQuery, request)))

    @api.get("/calls/<call:call_id>")
    def show_call(call_id: str) -> Response:
        identity = signed_in(secret, in_query=True)
        return _answer(calls.entry(_visible(calls, identity.rights, call_id)))

    @api.post("/calls/<call:call_id>/contact")
    def choose_contact(call_id: str) -> Response:
        identity = signed_in(secret, in_query=False)
        view = _visible(calls, identity.rights, call_id)
        choice = from_body(ContactChoice, request)
        chosen = contacts.choose(view, choice.table, choice.record_id, by=identity.user)
        log.info("contact chosen", user=identity.user, call=call_id)
        return _answer(calls.entry(chosen))

    @api.after_request
    def keep_nowhere(answer: Response) -> Response:
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @api.errorhandler(StillReading)
    def still_reading(_: StillReading) -> Response:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "The calls are still being read: try again in a moment.")

    @api.errorhandler(CannotBeChosen)
    def cannot_be_chosen(error: CannotBeChosen) -> Response:
        return problem(HTTPStatus.CONFLICT, str(error))

    return api


class _CallId(BaseConverter):
    """What stands for a call in an address: anything but the names of what else there is."""

    regex = r"(?!search\Z)[^/]+"
    part_isolating = True


def _visible(calls: Calls, rights: Rights, call_id: str) -> CallView:
    """A call that the rights open. One that they do not is as good as none."""
    view = calls.one(rights, call_id)
    if view is None:
        raise NotFound("There is no such call, or not any more, or it is not yours to see.")
    return view


def _answer(model: BaseModel) -> Response:
    return Response(model.model_dump_json(), mimetype="application/json")
