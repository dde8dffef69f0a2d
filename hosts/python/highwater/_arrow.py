"""Arrow types: giving a column the type it is known to have, and DuckDB's names for types."""

import pyarrow
from pyarrow import types


def adapt(array, known):
    """The column with the known type, if that is of the same family and no value would change."""
    if types.is_null(array.type):
        return pyarrow.chunked_array([pyarrow.nulls(len(array), known or pyarrow.string())])
    if known is None or array.type.equals(known) or not same_family(array.type, known):
        return array
    try:
        adapted = array.cast(known)
    except (pyarrow.ArrowException, NotImplementedError):
        return array
    # Arrow lets the time of day go without a word.
    return array if types.is_date(known) and not adapted.cast(array.type).equals(array) else adapted


def same_family(given, known):
    """Whether pandas, or inference from Python values, may have made `given` out of `known`."""
    return any(is_given(given) and is_known(known) for is_given, is_known in FAMILIES)


def is_number(arrow_type):
    return types.is_integer(arrow_type) or types.is_floating(arrow_type)


def is_text(arrow_type):
    name = getattr(arrow_type, "extension_name", "")
    return types.is_string(arrow_type) or types.is_large_string(arrow_type) or name == "arrow.json"


def is_binary(arrow_type):
    return types.is_binary(arrow_type) or types.is_fixed_size_binary(arrow_type)


def is_uuid(arrow_type):
    return getattr(arrow_type, "extension_name", "") == "arrow.uuid"


def is_list(arrow_type):
    return types.is_list(arrow_type) or types.is_large_list(arrow_type) or types.is_fixed_size_list(arrow_type)


FAMILIES = (
    (is_number, is_number),
    (types.is_decimal, types.is_decimal),
    (is_text, is_text),
    (is_binary, is_binary),
    (is_binary, is_uuid),
    (types.is_timestamp, types.is_timestamp),
    (types.is_timestamp, types.is_date),
    (types.is_time, types.is_time),
    (is_list, is_list),
    (types.is_struct, types.is_struct),
    (types.is_dictionary, is_text),
)


def duckdb_type(arrow_type):
    """The type that DuckDB reads from Parquet, as it writes it."""
    if types.is_decimal(arrow_type):
        # Wider ones have no counterpart.
        return f"DECIMAL({arrow_type.precision},{arrow_type.scale})" if arrow_type.precision <= 38 else "DOUBLE"
    if types.is_timestamp(arrow_type):
        if arrow_type.tz:
            return "TIMESTAMP WITH TIME ZONE"
        return "TIMESTAMP_NS" if arrow_type.unit == "ns" else "TIMESTAMP"
    if types.is_dictionary(arrow_type):
        return duckdb_type(arrow_type.value_type)
    if is_list(arrow_type):
        return f"{duckdb_type(arrow_type.value_type)}[]"
    if types.is_struct(arrow_type):
        fields = (arrow_type.field(place) for place in range(arrow_type.num_fields))
        return "STRUCT(" + ", ".join(f"{quoted(field.name)} {duckdb_type(field.type)}" for field in fields) + ")"
    if types.is_map(arrow_type):
        return f"MAP({duckdb_type(arrow_type.key_type)}, {duckdb_type(arrow_type.item_type)})"
    if is_uuid(arrow_type):
        return "UUID"
    if is_text(arrow_type):
        return "JSON" if getattr(arrow_type, "extension_name", "") else "VARCHAR"
    return NAMES.get(str(arrow_type), "BLOB")


NAMES = {
    "bool": "BOOLEAN",
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "uint8": "UTINYINT",
    "uint16": "USMALLINT",
    "uint32": "UINTEGER",
    "uint64": "UBIGINT",
    "halffloat": "FLOAT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "date32[day]": "DATE",
    "date64[ms]": "DATE",
    "time32[s]": "TIME",
    "time32[ms]": "TIME",
    "time64[us]": "TIME",
    "time64[ns]": "TIME_NS",
    "duration[s]": "BIGINT",
    "duration[ms]": "BIGINT",
    "duration[us]": "BIGINT",
    "duration[ns]": "BIGINT",
    "null": "INTEGER",
    "string_view": "VARCHAR",
}


def quoted(name):
    return name if name.isidentifier() and name == name.lower() else '"' + name.replace('"', '""') + '"'
