"""What the helper processes run for `app.columns.column_import`. Nothing else imports this: it brings the parser of HTML with it.

Apart from `app.markup.helper`, since much is behind it that the other helpers do without.
"""

from app.columns.column_import import ColumnLesson, parse_column
from app.columns.plain_text import shown_as_typed
from app.columns.reading.column_html import converted


def column(name: str, content: bytes) -> ColumnLesson:
    return parse_column(name, content, converted, shown_as_typed)
