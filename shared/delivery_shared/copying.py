"""The one way in which a message becomes a row: fields whose names the columns bear, the whole row each time, so that
hearing of it twice changes nothing. A service that keeps events makes a change of rows of it (:func:`copy_of`), a read
model that folds sets it among its rows (:meth:`Rows.copy <delivery_shared.rows.Rows.copy>`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from delivery_shared.eventstore import RowChange


def fields_of(source: Any, names: Iterable[str]) -> dict[str, Any]:
    """These fields of ``source`` as values of columns; what has parts becomes JSON."""
    values = {name: getattr(source, name) for name in names}
    return {name: v if isinstance(v, date | UUID) else msgspec.to_builtins(v) for name, v in values.items()}


def copy_of(
    source: Any, table: str, *, key: str | tuple[str, ...], columns: Iterable[str] = (), **more: Any
) -> RowChange:
    """The row of ``table`` that ``source`` – a contract, or an aggregate – tells of.

    :param more: columns whose value is no field of it.
    """
    return upsert(table, key=key, values={**fields_of(source, (*_names(key), *columns)), **more})


def upsert(table: str, *, key: str | tuple[str, ...], values: Mapping[str, Any], newer: str = "") -> RowChange:
    """Insert a row, or set the one with this key. Handed over as one JSON value, so that the table says what type a
    value has. Names of tables and columns come from code, never from outside.

    :param newer: a column that must be greater than in the row there is, else that one stays.
    """
    names = _names(key)
    columns = ", ".join(values)
    changes = ", ".join(f"{column} = excluded.{column}" for column in values if column not in names)
    condition = f" WHERE {table}.{newer} < excluded.{newer}" if newer else ""
    return RowChange(
        key=" ".join((table, *(str(values[name]) for name in names))),
        sql=f"INSERT INTO {table} ({columns}) SELECT {columns} FROM"  # noqa: S608
        f" json_populate_record(NULL::{table}, CAST(%(row)s AS json))"
        f" ON CONFLICT ({', '.join(names)}) DO UPDATE SET {changes}{condition}",
        params={"row": msgspec.json.encode(values).decode()},
    )


def _names(key: str | tuple[str, ...]) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else key
