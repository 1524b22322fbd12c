"""A feature added as CONTRIBUTING.md describes, and its messages; tests/architecture/test_new_feature.py puts it in place."""

# The additions to app/features.py: the modules that every process needs, and the feature on its floor, above those it imports.
IMPORTS = """\
from app.guestbook import listeners as guestbook_listeners
from app.guestbook import models as guestbook
"""
FEATURE = """\
    (Feature("guestbook", guestbook, guestbook_listeners, ("routes",), has_tasks=True),),
"""
WORDS = """
msgid "The guestbook of the tree"
msgstr "树下留言簿"

msgid "Your line in the guestbook"
msgstr "你在留言簿中的一行"
"""
