from datetime import timezone

import pyarrow.compute as compute
from pyarrow import types

from ._errors import BlockError


class Greatest:
    """The greatest value of one column over all parts of an output."""

    def __init__(self, column):
        self._column = column
        self._type = None
        self._value = None

    def add(self, table):
        if self._column not in table.column_names:
            names = ", ".join(table.column_names)
            raise BlockError(
                "output.invalid", f"The watermark's column '{self._column}' is not among the block's columns: {names}"
            )
        column = table.column(self._column)
        self._type = column.type
        value = compute.max(numbers_only(column)).as_py()
        if value is not None and (self._value is None or value > self._value):
            self._value = value

    def watermark(self):
        """The protocol's Watermark; none when there was no value."""
        if self._value is None:
            return None
        if types.is_timestamp(self._type) or types.is_date(self._type):
            return {"value": date_text(self._value), "type": "date"}
        is_number = types.is_integer(self._type) or types.is_floating(self._type) or types.is_decimal(self._type)
        return {"value": str(self._value), "type": "number" if is_number else "text"}


def numbers_only(column):
    return column.filter(compute.invert(compute.is_nan(column))) if types.is_floating(column.type) else column


def date_text(value):
    """`2001-02-03`, `2001-02-03T04:05:06.5`, or with a time zone `2001-02-03T04:05:06+00:00`."""
    if not hasattr(value, "hour"):
        return value.isoformat()
    if value.tzinfo is not None:
        value = value.astimezone(timezone.utc)
    text = value.replace(tzinfo=None).isoformat()
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if value.tzinfo is None else f"{text}+00:00"
