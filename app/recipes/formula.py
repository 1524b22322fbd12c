"""Arithmetic on a recipe's settings as its recipe.toml writes it: `"(784 + 1) * units"`.

Numbers, texts, names of settings, `+ - * / // %`, comparisons, `a if condition else b` and `{"key": value}[setting]`: enough to count
parameters, and nothing that could do harm.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARED: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class FormulaError(ValueError):
    """A formula that is none, or has no number for these settings."""


def value_of(formula: str, settings: Mapping[str, Any]) -> float:
    """The formula's number for these settings. Raises FormulaError."""
    try:
        value = _value(_tree(formula), settings)
    except (KeyError, TypeError, ZeroDivisionError, OverflowError, RecursionError) as error:
        raise FormulaError(f"{formula!r} has no value: {error!r}") from None
    if not isinstance(value, int | float):
        raise FormulaError(f"{formula!r} is no number")
    return value


@lru_cache
def _tree(formula: str) -> ast.expr:
    try:
        return ast.parse(" ".join(formula.split()), mode="eval").body
    except SyntaxError as error:
        raise FormulaError(f"{formula!r}: {error.msg}") from None


def _value(node: ast.expr, settings: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() | str() as value):
            return value
        case ast.Name(id=name):
            return settings[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_number(left, settings), _number(right, settings))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
            return _COMPARED[type(op)](_value(left, settings), _value(right, settings))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(body if _value(test, settings) else orelse, settings)
        case ast.Subscript(value=ast.Dict(keys=keys, values=values), slice=key):
            wanted = _value(key, settings)
            named = zip(keys, values, strict=True)
            chosen = [value for name, value in named if name and _value(name, settings) == wanted]
            return _value(chosen[-1], settings) if chosen else settings[f"[{wanted}]"]
    raise FormulaError(f"{ast.unparse(node)!r} has no place in a formula")


def _number(node: ast.expr, settings: Mapping[str, Any]) -> int | float:
    """A text times a number would be a long text."""
    value = _value(node, settings)
    if isinstance(value, str):
        raise FormulaError(f"{ast.unparse(node)!r} is no number")
    return value
