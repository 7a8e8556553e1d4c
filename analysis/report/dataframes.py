"""Tables as DataFrames and Parquet, which need the extra `frames`."""

from collections.abc import Mapping

import pandas as pd

from analysis.report.tables import TableRows

_TYPES = {
    "int": "Int64",
    "float": "Float64",
    "text": "string",
    "flag": "boolean",
    "time": "datetime64[us, UTC]",
}


def data_frame(rows: TableRows, columns: Mapping[str, str]) -> pd.DataFrame:
    """Rows as a table of fixed columns and types, whatever they hold, also none."""
    types = {name: _TYPES[kind] for name, kind in columns.items()}
    return pd.DataFrame(list(rows), columns=list(columns)).astype(types)


def parquet_bytes(rows: TableRows, columns: Mapping[str, str]) -> bytes:
    """A table as a Parquet file; the same table gives the same bytes."""
    return bytes(data_frame(rows, columns).to_parquet(index=False))
