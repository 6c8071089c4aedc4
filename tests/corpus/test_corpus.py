"""The corpus itself is in order: well-formed, fictitious, sourced and complete."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.events import CallEvent, State
from tests.corpus import Case, load_cases, numbered

CASES = load_cases()
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)

FICTITIOUS = re.compile(
    r"(0?(30|69|40|221|89))?(23125|90009|66969|4710|99998)\d{0,3}"  # Germany's ranges for films and books
    r"|0?171 ?39200\d\d|0?176 ?040690\d\d"
    r"|00442079460\d{3}"  # the United Kingdom's
)
CODES = re.compile(r"^(\*31#|#31#|\*1\d\d#|0101[1-9]|01001[1-9])|#$|^\+49|^0049")
LONGEST_SERVICE_NUMBER = 6
SAMPLES = {
    # protocol document 1.1 and 1.2
    "an-inbound-call-is-answered-and-ended",
    "an-outbound-call-starts-with-its-extension-known",
    "an-inbound-call-arrives-on-the-analogue-line",
    "an-outbound-call-without-the-trailing-semicolon",
    "an-outbound-call-over-isdn",
    "the-same-field-is-an-extension-in-connect-and-seconds-in-disconnect",
    "no-line-has-a-trailing-semicolon",
    "a-call-over-the-mobile-network",
    # 1.3
    "a-suppressed-caller-is-an-empty-field-at-ring-and-at-connect",
    "a-suppressed-caller-is-not-dropped",
    "a-suppressed-caller-to-an-own-number-without-area-code",
    "the-own-number-is-empty",
    "a-dialled-number-ends-with-a-hash",
    "an-international-number-with-a-hash-and-a-note-after-the-last-semicolon",
    "the-same-number-over-another-line",
    "a-number-with-a-hash-does-not-get-stuck",
    "dialling-codes-before-the-number-are-no-part-of-it",
    "an-internal-extension-is-dialled",
    "the-same-party-calls-with-area-code-and-is-called-without",
    "an-internal-code-gets-no-area-code",
    "emergency-and-service-numbers-get-no-area-code",
    "the-box-calls-itself-over-two-connection-ids",
    "the-box-calls-itself-and-the-outgoing-half-was-not-seen-to-open",
    "a-second-caller-waits-and-gives-up-during-a-call",
    "a-call-blocked-by-the-box-rings-and-ends-at-once",
    "a-call-is-rejected-or-given-up",
    "the-answering-machine-takes-an-inbound-call",
    "the-answering-machine-takes-a-call-from-a-mobile",
    "a-call-out-by-the-sixth-handset",
    "an-outbound-call-fails-repeatedly-and-then-gets-through",
    "the-clock-is-not-set-and-the-year-is-negative",
    "international-forms-are-understood",
    "a-call-by-call-prefix-is-no-part-of-the-number",
    # 1.4
    "every-known-extension-code-has-a-kind-and-a-name",
    "a-diverted-call-has-an-external-own-number",
    # 1.5
    "a-connection-id-is-used-again-in-the-same-second",
    "a-ring-on-a-busy-connection-id-ends-the-old-call-as-lost",
    "a-group-of-phones-rings-and-one-of-them-answers",
    "a-disconnect-that-nobody-opened-after-a-talk",
    "a-connect-that-nobody-opened",
    "the-end-of-a-call-comes-after-the-next-call-rings",
    "the-box-says-a-second-more-than-its-clock",
    "the-same-local-time-twice-in-one-night",
    "a-call-through-the-end-of-the-repeated-hour",
    # 2.2
    "three-calls-run-side-by-side-in-both-directions",
    "twelve-is-noon-and-zero-is-midnight",
    "half-a-line-before-a-whole-one",
    "a-call-goes-on-around-malformed-lines",
}


def test_every_sample_of_the_protocol_document_is_there() -> None:
    assert SAMPLES - {case.name for case in CASES} == set()


def test_events_are_compared_by_their_offset_too() -> None:
    [case] = [case for case in CASES if case.name == "the-box-stands-in-another-time-zone"]
    [(_, event)] = case.expected()
    assert event.call.started_at is not None
    same_instant = event.call.model_copy(update={"started_at": event.call.started_at.astimezone(UTC)})

    assert same_instant == event.call
    assert numbered([CallEvent.of(same_instant)]) != numbered([event])


def test_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_only_the_known_duration_differences_between_field_and_clock_appear() -> None:
    differences = {
        call.duration - round((call.ended_at - call.connected_at).total_seconds())
        for case in CASES
        for _, event in case.expected()
        if (call := event.call).duration and call.connected_at and call.ended_at
    }
    assert differences == {-3, 0, 1}


@each_case
def test_what_is_expected_counts_up_to_what_the_case_says(case: Case) -> None:
    events = [event for _, event in case.expected()]

    assert len({event.call.id for event in events}) == case.calls
    assert all(0 <= line < len(case.lines) for line, _ in case.expected())
    assert [line for line, _ in case.expected()] == sorted(line for line, _ in case.expected())
    assert len(case.received_at()) == len(case.lines)


@each_case
def test_every_line_is_accounted_for(case: Case) -> None:
    causing = {line for line, _ in case.expected()}
    empty = {index for index, line in enumerate(case.lines) if not line}

    assert len(causing) + len(empty) + case.quarantined == len(case.lines)


@each_case
def test_ended_calls_have_an_outcome_and_others_have_none(case: Case) -> None:
    for _, event in case.expected():
        ended = event.call.state is State.ENDED
        assert ended == (event.call.outcome is not None) == (event.call.ended_at is not None)


@each_case
def test_expected_times_are_those_of_the_line_in_the_zone_of_the_box(case: Case) -> None:
    zone = ZoneInfo(case.box.timezone)
    for line, event in case.expected():
        call = event.call
        newest = {"ringing": call.started_at, "dialing": call.started_at, "connected": call.connected_at}.get(
            call.state, call.ended_at
        )
        assert newest is not None
        assert newest.utcoffset() == newest.astimezone(zone).utcoffset()
        written = case.lines[line].partition(";")[0]
        if newest.strftime("%d.%m.%y %H:%M:%S") != written:
            assert call.clock == "receipt"
            assert timedelta(0) < call.received_at - newest < timedelta(seconds=1)
        assert abs(call.received_at - newest) <= timedelta(days=1)


@each_case
def test_phone_numbers_are_fictitious(case: Case) -> None:
    for text in re.findall(r"[+*#\d][+*#\d ]*", ";".join(";".join(line.split(";")[3:]) for line in case.lines)):
        number = re.sub(r"\D", "", CODES.sub("", text.strip()))
        assert len(number) <= LONGEST_SERVICE_NUMBER or FICTITIOUS.fullmatch(number), text


@each_case
def test_known_numbers_are_those_that_were_received(case: Case) -> None:
    for _, event in case.expected():
        remote = event.call.remote
        if remote.e164:
            assert re.fullmatch(r"\+[1-9]\d{6,14}", remote.e164)
            assert remote.received.rstrip("#").endswith(remote.e164[-7:])
        assert not (remote.suppressed and (remote.received or remote.e164))
