"""Between pandas and Arrow, so that a column which a block only passes on keeps its type."""

import pandas
import pyarrow
import pyarrow.compute as compute

from ._arrow import adapt
from ._errors import BlockError

# Past this, a float64 can no longer hold every integer.
EXACT_INTEGER = 2**53


def to_frame(table):
    """As pandas reads it, but integers with nulls that a float would round stay integers (`Int64`)."""
    frame = table.to_pandas(ignore_metadata=True)
    for name in (field.name for field in table.schema if pyarrow.types.is_integer(field.type)):
        column = table.column(name)
        if column.null_count and is_large(column):
            frame[name] = column.to_pandas(types_mapper=nullable)
    return frame


def is_large(column):
    ends = compute.min_max(column).as_py()
    return any(end is not None and abs(end) > EXACT_INTEGER for end in ends.values())


def nullable(arrow_type):
    return pandas.UInt64Dtype() if pyarrow.types.is_unsigned_integer(arrow_type) else pandas.Int64Dtype()


def from_frame(data, known):
    """A table of the frame's columns; named levels of its index come first, an unnamed index is left out."""
    frame = data.to_frame() if isinstance(data, pandas.Series) else data
    named = [(index_values(frame, place), name) for place, name in enumerate(frame.index.names) if name is not None]
    columns = [(name, frame.iloc[:, place]) for place, name in enumerate(frame.columns)]
    taken = {column_name(name) for name, _ in columns}
    levels = [(name, values) for values, name in named if column_name(name) not in taken]
    fields = [(column_name(name), values) for name, values in levels + columns]
    arrays = [to_array(name, values, known.get(name)) for name, values in fields]
    return pyarrow.Table.from_arrays(arrays, names=[name for name, _ in fields])


def index_values(frame, place):
    return frame.index.get_level_values(place).to_series(index=frame.index)


def column_name(name):
    """`('delay', 'mean')`, which `groupby().agg()` makes, becomes `delay_mean`."""
    if isinstance(name, tuple):
        return "_".join(str(part) for part in name if part != "")
    return str(name)


def to_array(name, values, known):
    """The column as Arrow, with the type of the input's column of that name when every value fits."""
    try:
        array = pyarrow.chunked_array([pyarrow.Array.from_pandas(values)])
    except (pyarrow.ArrowException, TypeError, OverflowError) as error:
        array = with_type(values, known)
        if array is None:
            raise BlockError("output.invalid", f"Column '{name}' mixes types, or holds one unknown to Arrow: {error}") from error
        return array
    if known is not None and pyarrow.types.is_nested(known) and not array.type.equals(known):
        array = with_type(values, known) or array
    adapted = adapt(array, known)
    return adapted if known is not None and adapted.type.equals(known) else microseconds(adapted)



def with_type(values, known):
    if known is None:
        return None
    try:
        return pyarrow.chunked_array([pyarrow.Array.from_pandas(values, type=known)])
    except (pyarrow.ArrowException, TypeError, OverflowError, ValueError):
        return None


def microseconds(array):
    """pandas counts nanoseconds by habit; DuckDB's and Postgres's timestamps count microseconds."""
    if not (pyarrow.types.is_timestamp(array.type) and array.type.unit == "ns"):
        return array
    try:
        return array.cast(pyarrow.timestamp("us", array.type.tz))
    except pyarrow.ArrowInvalid:
        return array
