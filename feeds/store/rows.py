"""Many rows as one parameter: a group of any size is one statement, compiled once.

    CLAIMS = Rows("claims", id=Id, fence=Integer())
    select(table).join(CLAIMS.table, table.c.id == CLAIMS.c.id)     bound as {"claims": [(1, 7), (2, 9)]}

An IN of so many values, or as many executions of one statement, has SQLAlchemy name and convert every
value by itself: 4 to 14 µs a row (measured), which is most of what a message costs. A JSON text that
the database takes apart costs 1.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Dialect, Integer, Text, bindparam, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from feeds.store.columns import Instant


class Rows:
    """A table of the rows that are bound under its name: tuples in the order of its columns."""

    def __init__(self, name: str, **types: TypeEngine[Any]) -> None:
        each = _Each(bindparam(name, type_=_Packed())).table_valued("value")
        columns = (
            _Item(each.c.value, place, type_).label(column)
            for place, (column, type_) in enumerate(types.items())
        )
        self.table = select(*columns).subquery(name)
        self.c = self.table.c


class _Packed(TypeDecorator[Sequence[tuple[Any, ...]]]):
    """Rows as a JSON array of arrays."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self, value: Sequence[tuple[Any, ...]] | None, dialect: Dialect
    ) -> str | None:
        del dialect
        return None if value is None else json.dumps(value, default=_instant, ensure_ascii=False)


def _instant(value: Any) -> str:
    """As `Instant` stores it on SQLite: UTC text that sorts by time."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(f"{value!r} is no instant and not for JSON")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


class _Each(FunctionElement[Any]):
    """The members of a JSON array."""

    inherit_cache = True


class _Item(FunctionElement[Any]):
    """One member of a JSON array, by its place, as a value of that type."""

    inherit_cache = True

    def __init__(self, array: Any, place: int, type_: TypeEngine[Any]) -> None:
        super().__init__(array, literal_column(str(place), Integer))
        self.type = type_


@compiles(_Each, "sqlite")
def _each_on_sqlite(each: _Each, compiler: Any, **how: Any) -> str:
    return f"json_each({compiler.process(each.clauses, **how)})"


@compiles(_Each, "postgresql")
def _each_on_postgresql(each: _Each, compiler: Any, **how: Any) -> str:
    """Through an array, of which PostgreSQL expects ten members; of the bare function it expects a
    hundred, and would rather read a table whole than look so many up.
    """
    members = f"SELECT json_array_elements(CAST({compiler.process(each.clauses, **how)} AS JSON))"
    return f"(SELECT unnest(ARRAY({members})) AS value)"


@compiles(_Item, "sqlite")
def _item_on_sqlite(item: _Item, compiler: Any, **how: Any) -> str:
    array, place = (compiler.process(clause, **how) for clause in item.clauses)
    return f"json_extract({array}, '$[{place}]')"


@compiles(_Item, "postgresql")
def _item_on_postgresql(item: _Item, compiler: Any, **how: Any) -> str:
    array, place = (compiler.process(clause, **how) for clause in item.clauses)
    if isinstance(item.type, Instant):
        return f"CAST({array} ->> {place} AS TIMESTAMP) AT TIME ZONE 'UTC'"
    kind = item.type.dialect_impl(compiler.dialect)
    return f"CAST({array} ->> {place} AS {compiler.dialect.type_compiler_instance.process(kind)})"
