from itertools import chain

import pyarrow

from ._arrow import adapt
from ._errors import BlockError
from ._output import TABLES, is_pandas, is_table


def to_table(part, known):
    """A returned or yielded part as a table fit for Parquet: named columns, none of an unknown type."""
    table = as_table(part, known)
    if table.num_columns == 0:
        raise BlockError(
            "output.invalid",
            "The block returned a table without columns: name them even when there are no rows, "
            "as in pandas.DataFrame(columns=[...])",
        )
    reject_twins(table.column_names)
    arrays = [adapt_null(table.column(place), known.get(name)) for place, name in enumerate(table.column_names)]
    return pyarrow.Table.from_arrays(arrays, names=table.column_names)


def as_table(part, known):
    if isinstance(part, pyarrow.Table):
        return part
    if isinstance(part, pyarrow.RecordBatch):
        return pyarrow.Table.from_batches([part])
    if is_pandas(part):
        from ._frame import from_frame

        return from_frame(part, known)
    if is_table(part):
        return from_rows(part, known)
    raise BlockError("output.invalid", f"The block yielded {type(part).__name__}: yield {TABLES}")


def from_rows(rows, known):
    from ._frame import to_array

    names = list(dict.fromkeys(chain.from_iterable(rows)))
    columns = {str(name): [row.get(name) for row in rows] for name in names}
    arrays = [to_array(name, values, known.get(name)) for name, values in columns.items()]
    return pyarrow.Table.from_arrays(arrays, names=list(columns))


def adapt_null(column, known):
    return adapt(column, known) if pyarrow.types.is_null(column.type) else column


def reject_twins(names):
    seen = {}
    for name in names:
        twin = seen.get(name.lower())
        if twin is not None:
            raise BlockError(
                "output.invalid", f"Columns '{twin}' and '{name}' have the same name: SQL does not tell them apart"
            )
        seen[name.lower()] = name
