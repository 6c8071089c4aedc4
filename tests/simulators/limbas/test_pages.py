"""`main.php`: what a person sees behind the links."""

from __future__ import annotations

import pytest

from tests.simulators.limbas.client import CALLS, CONTACTS, Client, link

HOSTILE = 29


def page(limbas: Client, path: str) -> str:
    response = limbas.http.get(limbas.url + path, timeout=5)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    return response.text


@pytest.fixture
def call(limbas: Client) -> int:
    """A call from the contact whose name is markup."""
    return limbas.insert({2: "x", 4: "+493023125666", 7: "2026-11-22 18:00:01", **link("new_0", add=str(HOSTILE))})[0]


@pytest.mark.parametrize("path", ["/", "/main.php", f"/main.php?action=gtab_erg&gtabid={CALLS}"])
def test_the_list_of_calls_leads_to_calls_and_contacts(limbas: Client, call: int, path: str) -> None:
    shown = page(limbas, path)
    assert "+493023125666" in shown
    assert "2026-11-22 18:00:01" in shown
    assert f'href="/main.php?action=gtab_change&amp;gtabid=5&amp;ID={call}"' in shown
    assert f'href="/main.php?action=gtab_change&amp;gtabid=4&amp;ID={HOSTILE}"' in shown


@pytest.mark.parametrize("action", ["gtab_change", "gtab_deterg"])
def test_a_contact_is_shown_with_the_calls_linked_to_it(limbas: Client, call: int, action: str) -> None:
    shown = page(limbas, f"/main.php?action={action}&gtabid={CONTACTS}&ID=1")
    assert "<h1>Kunden 1: Jörg Müller, Bäckerei Müller GmbH &amp; Co. KG</h1>" in shown
    assert f"gtabid=5&amp;ID={call}" not in shown
    assert f"gtabid=5&amp;ID={call}" in page(limbas, f"/main.php?action={action}&gtabid={CONTACTS}&ID={HOSTILE}")


@pytest.mark.parametrize(
    "path",
    [
        f"/main.php?action=gtab_change&gtabid={CONTACTS}&ID={HOSTILE}",
        f"/main.php?action=gtab_change&gtabid={CALLS}&ID=1",
        f"/main.php?action=gtab_erg&gtabid={CALLS}",
        f"/main.php?action=gtab_erg&gtabid={CONTACTS}",
    ],
)
def test_markup_in_a_name_stays_text(limbas: Client, call: int, path: str) -> None:
    assert call == 1
    shown = page(limbas, path)
    assert "<script" not in shown
    assert "<b>Robert" not in shown
    assert "&lt;script&gt;" in shown


def test_the_newest_calls_come_first_and_not_more_than_fit(limbas: Client) -> None:
    limbas.insert(*({2: f"call {number}"} for number in range(205)))
    shown = page(limbas, "/")
    assert shown.index("ID=205") < shown.index("ID=204")
    assert "ID=6&quot;" not in shown
    assert shown.count("gtabid=5&amp;ID=") == 200


def test_a_mere_visit_to_gtab_neu_creates_a_record(limbas: Client) -> None:
    page(limbas, f"/main.php?action=gtab_neu&gtabid={CALLS}")
    assert len(limbas.rows()) == 1


@pytest.mark.parametrize(
    "path",
    [
        f"/main.php?action=gtab_change&gtabid={CONTACTS}&ID=999",
        f"/main.php?action=gtab_change&gtabid={CONTACTS}",
        f"/main.php?action=gtab_change&gtabid={CONTACTS}&ID=²",
        "/main.php?action=gtab_erg&gtabid=999",
        "/main.php?action=dance",
        "/main_rest.php",
        "/_simulators",
    ],
)
def test_what_is_not_there_is_a_404(limbas: Client, path: str) -> None:
    response = limbas.http.get(limbas.url + path, timeout=5)
    assert response.status_code == 404
    assert "404 Not Found" in response.text
