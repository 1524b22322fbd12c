"""Entry points that sandboxed processes run for `app.columns.column_import`. Nothing else imports this, as it loads the HTML parser.

Separate from `app.markup.helper`, because it imports much that the other sandboxed processes do not need.
"""

from app.columns.column_import import ColumnLesson, parse_column
from app.columns.plain_text import shown_as_typed
from app.columns.reading.column_html import converted


def column(name: str, content: bytes) -> ColumnLesson:
    return parse_column(name, content, converted, shown_as_typed)
