import hashlib
import os

import pyarrow
import pyarrow.parquet

from ._arrow import duckdb_type
from ._errors import BlockError
from ._watermark import Greatest

NAME = "data.parquet"


class ParquetOutput:
    """`data.parquet` of one attempt, written part by part; the first part decides the columns."""

    def __init__(self, output):
        self.rows = 0
        os.makedirs(output["folder"], exist_ok=True)
        self._file = HashedFile(os.path.join(output["folder"], NAME))
        self._writer = None
        self._greatest = Greatest(output["watermarkColumn"]) if output["watermarkColumn"] else None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self._writer:
            self._writer.close()
        self._file.close()

    def write(self, table):
        if self._writer is None:
            self._writer = pyarrow.parquet.ParquetWriter(self._file, table.schema)
        else:
            table = fitted(table, self._writer.schema)
        if self._greatest:
            self._greatest.add(table)
        self._writer.write_table(table)
        self.rows += table.num_rows

    def result(self):
        """The protocol's HostResult, once the file is closed."""
        if self._writer is None:
            raise BlockError("output.invalid", "The block yielded nothing: yield a table, even one without rows")
        schema = [{"name": field.name, "type": duckdb_type(field.type)} for field in self._writer.schema]
        stored = {"name": NAME, "format": "parquet", "bytes": self._file.bytes, "sha256": self._file.sha256()}
        watermark = self._greatest.watermark() if self._greatest else None
        result = {"rows": self.rows, "file": {**stored, "schema": schema}}
        return {**result, "watermark": watermark} if watermark else result


def fitted(table, schema):
    """The part with the columns and types of the first one."""
    missing = set(schema.names) ^ set(table.column_names)
    if missing:
        names = ", ".join(sorted(missing))
        raise BlockError("output.invalid", f"The parts that the block yields differ in their columns: {names}")
    try:
        return table.select(schema.names).cast(schema)
    except (pyarrow.ArrowException, ValueError) as error:
        raise BlockError(
            "output.invalid", f"A part that the block yields does not fit the types of the first ({schema}): {error}"
        ) from error


class HashedFile:
    """Hashes and counts what is written, so that the file need not be read again."""

    closed = False

    def __init__(self, path):
        self._file = open(path, "wb")
        self._hash = hashlib.sha256()
        self.bytes = 0

    def write(self, data):
        self._file.write(data)
        self._hash.update(data)
        self.bytes += len(data)
        return len(data)

    def flush(self):
        self._file.flush()

    def tell(self):
        return self.bytes

    def close(self):
        self._file.close()
        self.closed = True

    def readable(self):
        return False

    def writable(self):
        return True

    def seekable(self):
        return False

    def sha256(self):
        return self._hash.hexdigest()
