"""Connects the features that listen to `app.signals` or fill `app.slots`. Web server, worker and commands import this once."""

__all__: list[str] = []
