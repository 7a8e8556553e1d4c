"""Tables as DataFrames and Parquet; needs the extra `frames`."""

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
    """Rows as a DataFrame with these columns and types, even without rows."""
    types = {name: _TYPES[kind] for name, kind in columns.items()}
    return pd.DataFrame(list(rows), columns=list(columns)).astype(types)


def parquet_bytes(rows: TableRows, columns: Mapping[str, str]) -> bytes:
    """Rows as the bytes of a Parquet file; the same rows give the same bytes."""
    return bytes(data_frame(rows, columns).to_parquet(index=False))
