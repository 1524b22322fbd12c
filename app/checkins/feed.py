"""The calendar feed: a daily reminder at the hour the student chose, for any calendar that can subscribe to an address.

It contains nothing about the student: no name, no check-ins.
"""

from datetime import datetime, time, timedelta

from icalendar import Alarm, Calendar, Event

from app.checkins.calendars import zone
from app.checkins.models import CheckInSettings
from app.checkins.zone_rules import zone_component
from app.core.i18n import current_language
from app.core.i18n import gettext as _

LENGTH = timedelta(minutes=15)


def reminder_calendar(settings: CheckInSettings, zone_name: str, moment: datetime, site: str) -> bytes:
    """RFC 5545: one event that repeats every day in the zone `zone_name`, with an alarm at its start. It links to `site`."""
    token = current_language.set(settings.feed_language)
    try:
        return _calendar(settings, zone_name, moment, site)
    finally:
        current_language.reset(token)


def _calendar(settings: CheckInSettings, zone_name: str, moment: datetime, site: str) -> bytes:
    address = f"{site}/check-ins"
    begin = datetime.combine(
        settings.feed_since or moment.date(), time(settings.reminder_hour), zone(zone_name)
    )
    event = Event()
    event.add("uid", f"{settings.feed_token_hash}@sophora")
    event.add("dtstamp", moment)
    event.add("dtstart", begin)
    event.add("duration", LENGTH)
    event.add("rrule", {"freq": "daily"})
    event.add("summary", _("Sophora: learn and check in"))
    words = _("Finish a lesson, answer a few questions or train a network: any one of them counts for today.")
    event.add("description", f"{words}\n{address}")
    event.add("url", address)
    # It does not show its owner as busy.
    event.add("transp", "TRANSPARENT")
    event.add_component(_alarm())
    calendar = Calendar()
    calendar.add("prodid", "-//Sophora//Check-ins//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Sophora: check-ins"))
    rules = zone_component(zone_name)
    if rules:
        calendar.add_component(rules)
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _alarm() -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _("Sophora: learn and check in"))
    alarm.add("trigger", timedelta(0))
    return alarm
