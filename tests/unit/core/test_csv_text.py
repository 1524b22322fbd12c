import csv
import io

import pytest

from app.core.csv_text import csv_text


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", " =1", "\t=1", "＝1"])
def test_a_text_that_would_be_a_formula_is_text(cell: str) -> None:
    assert next(csv.reader(io.StringIO(csv_text([[cell]]).removeprefix("\ufeff")))) == [f"'{cell}"]


def test_numbers_stay_numbers() -> None:
    assert csv_text([["x", None], [-1.5, 2]]) == "\ufeffx,\r\n-1.5,2\r\n"
