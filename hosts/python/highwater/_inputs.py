import json

from ._errors import BlockError


class Inputs:
    """The block's inputs, read when asked for, and the column types that they had."""

    def __init__(self, inputs):
        self._inputs = inputs
        self._types = {}

    def readers(self):
        return {given["alias"]: self._reader(given) for given in self._inputs}

    def known_types(self):
        """Column name to Arrow type, of the tables that were read; without names that mean two types."""
        return {name: type_ for name, type_ in self._types.items() if type_ is not None}

    def _reader(self, given):
        def read(annotation):
            if "value" in given:
                return given["value"]
            try:
                if given["format"] == "json":
                    with open(given["path"], encoding="utf-8") as file:
                        return json.load(file)
                return self._read_table(given["path"], annotation)
            except OSError as error:
                raise BlockError("artifact.missing", f"Input '{given['alias']}' cannot be read: {error}") from error

        return read

    def _read_table(self, path, annotation):
        import pyarrow
        import pyarrow.parquet

        file = pyarrow.parquet.ParquetFile(path)
        for field in file.schema_arrow:
            known = self._types.setdefault(field.name, field.type)
            if known is not None and not known.equals(field.type):
                self._types[field.name] = None
        if annotation is pyarrow.RecordBatchReader:
            return pyarrow.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches())
        table = file.read()
        if annotation is pyarrow.Table:
            return table

        from ._frame import to_frame

        return to_frame(table)
