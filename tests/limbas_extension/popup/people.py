"""Contacts of the simulated Limbas' sample business, as matcher finds them there."""

from __future__ import annotations

from shared.events import Candidate, Match, RemoteNumber, Source
from tests.web.scenes import german, person

ANNA = person("Anna Schmidt", "Autohaus Schmidt GmbH", 3)
LISA = person("Lisa Becker", "Becker Bau", 12)
HELGA = person("Helga Schröder", "", 20)
HORST = person("Horst Schröder", "", 21)
WIEBKE = person("Wiebke Petersen", "Hausverwaltung Nord GmbH", 23)
ISAR = Candidate(
    source=Source.LIMBAS, match=Match.COMPANY, confidence=0.7, name="Isar Logistik GmbH", table="KUNDEN", record_id=32
)

ANNAS_NUMBER: RemoteNumber = german("+493023125201")
LISAS_NUMBER: RemoteNumber = german("+492214710310")
SCHROEDERS_NUMBER: RemoteNumber = german("+496990009330")
WIEBKES_NUMBER: RemoteNumber = german("+494066969215")
ISARS_NUMBER: RemoteNumber = german("+498999998507")
STRANGERS_NUMBER: RemoteNumber = german("+498999998012")
