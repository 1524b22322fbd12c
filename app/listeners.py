"""Connects the features that listen to `app.signals` or fill `app.slots`. Web server, worker and commands import this once."""

from app.board import discussion as board
from app.checkins import listeners as checkins
from app.notifications import listeners as notifications
from app.reviews import listeners as reviews

__all__ = ["board", "checkins", "notifications", "reviews"]
