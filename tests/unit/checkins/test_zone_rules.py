"""Zones for calendar programs: rules for zones that have one, and the same hours as in the zone's data."""

from datetime import UTC, datetime, timedelta

import pytest

from app.checkins.calendars import zone
from app.checkins.zone_rules import zone_component


def lines(name: str) -> list[str]:
    component = zone_component(name)
    assert component is not None
    return component.to_ical().decode().splitlines()


def test_berlin_changes_by_the_rules_that_it_keeps() -> None:
    text = "\n".join(lines("Europe/Berlin"))
    for part in (
        "BEGIN:DAYLIGHT\nDTSTART:19810329T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZOFFSETFROM:+0100\nTZOFFSETTO:+0200",
        "BEGIN:STANDARD\nDTSTART:19961027T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZOFFSETFROM:+0200\nTZOFFSETTO:+0100",
    ):
        assert part in text, text
    assert "RDATE" not in text


def test_a_zone_without_summer_time_has_one_offset() -> None:
    assert [line for line in lines("Asia/Kathmandu") if line.startswith("TZOFFSET")] == [
        "TZOFFSETFROM:+0545",
        "TZOFFSETTO:+0545",
    ]


@pytest.mark.parametrize("name", ["Africa/Casablanca", "Africa/Cairo"])
def test_a_zone_whose_changes_no_rule_can_say_has_none(name: str) -> None:
    assert zone_component(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "America/New_York", "Europe/Dublin", "America/Santiago", "America/Nuuk", "Australia/Lord_Howe",
        "Asia/Jerusalem", "Pacific/Chatham", "Asia/Shanghai", "UTC",
    ],
)  # fmt: skip
def test_rules_give_the_hours_that_the_zone_has(name: str) -> None:
    component = zone_component(name)
    assert component is not None
    made = component.to_tz()
    moment = datetime(2027, 1, 1, 12, tzinfo=UTC)
    for _ in range(104):
        wanted = moment.astimezone(zone(name)).replace(tzinfo=None)
        assert wanted.replace(tzinfo=made).utcoffset() == moment.astimezone(zone(name)).utcoffset(), moment
        moment += timedelta(days=7)
