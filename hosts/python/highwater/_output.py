import hashlib
import os
import sys
import time
from collections.abc import Iterator, Mapping

from ._channel import to_json
from ._errors import BlockError

PROGRESS_SECONDS = 0.5
TABLES = "a pandas DataFrame, a pyarrow Table, rows as a list of dicts, a generator of these"


def write_result(returned, output, known, progress):
    """Writes what a block returned into its output folder; the answer is the protocol's HostResult."""
    if returned is None:
        return {"rows": None}
    if isinstance(returned, Iterator) or is_arrow(returned, "RecordBatchReader"):
        return write_tables(returned, output, known, progress)
    if is_table(returned):
        return write_tables([returned], output, known, lambda _: None)
    return write_value(returned, output)


def is_table(value):
    if isinstance(value, list):
        return len(value) > 0 and all(isinstance(row, Mapping) for row in value)
    return is_pandas(value) or is_arrow(value, "Table", "RecordBatch")


def is_pandas(value):
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series))


def is_arrow(value, *names):
    pyarrow = sys.modules.get("pyarrow")
    return pyarrow is not None and isinstance(value, tuple(getattr(pyarrow, name) for name in names))


def write_value(value, output):
    try:
        data = to_json(plain(value))
    except (TypeError, ValueError, RecursionError) as error:
        raise BlockError(
            "output.invalid", f"The block returned what cannot be stored ({error}). Return {TABLES}, or a JSON value"
        ) from error
    if len(data) <= output["inlineBytes"]:
        return {"rows": None, "value": plain(value)}
    os.makedirs(output["folder"], exist_ok=True)
    with open(os.path.join(output["folder"], "data.json"), "wb") as file:
        file.write(data)
    stored = {"name": "data.json", "format": "json", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return {"rows": None, "file": {**stored, "schema": []}}


def plain(value):
    """The value with NumPy's numbers as Python's, dates as ISO text, and nothing that JSON cannot hold."""
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return value.item()
    return value


def write_tables(parts, output, known, progress):
    from ._parquet import ParquetOutput
    from ._tables import to_table

    written = ParquetOutput(output)
    told = time.monotonic()
    with written:
        for part in parts:
            written.write(to_table(part, known))
            if time.monotonic() - told > PROGRESS_SECONDS:
                progress(written.rows)
                told = time.monotonic()
    return written.result()
