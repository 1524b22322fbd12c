"""Foundations: settings, database, Redis, files, languages, live events. It knows no feature and no HTTP."""
