"""Tables as CSV that a spreadsheet opens as what they are."""

import csv
import io
from collections.abc import Iterable, Sequence

# A cell that begins so is a formula to spreadsheets, which run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Numbers stay numbers; a text that would be a formula begins with an apostrophe. With a byte order mark: Excel takes it for UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file)
    for row in rows:
        writer.writerow(["" if cell is None else _plain(cell) for cell in row])
    return "\ufeff" + file.getvalue()


def _plain(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if cell.lstrip(" \u3000").startswith(_FORMULA) else cell
