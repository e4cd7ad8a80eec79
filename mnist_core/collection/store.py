"""The database of drawings: give, count, read and delete; every error is a sentence."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc

from mnist_core.collection import migrating
from mnist_core.collection.drawing import Drawing, hash_code
from mnist_core.collection.schema import DRAWINGS
from mnist_core.errors import DataError

WAIT = 5  # seconds for a server that does not answer
BUSY = 30  # seconds for a file that others write to
PART = 500  # drawings that are read at a time
CONNECTIONS = 5  # that are kept open


class Collection:
    """An open database of drawings; threads may share it.

    Parameters
    ----------
    address : of any SQL database that SQLAlchemy knows, such as `sqlite:///file` or
        `postgresql://user:password@host/name`
    days : after which a drawing is deleted

    Raises
    ------
    DataError : the address is none, its driver is missing, or the database does not answer
    """

    def __init__(self, address: str, *, days: int) -> None:
        with _in_words():
            self._engine = _open(address)
            migrating.migrate(self._engine)
        self._writing = self._engine.execution_options(writes=True)
        self.days = days
        self.delete_old()

    def give(self, drawings: Sequence[Drawing], code: str) -> None:
        """Store drawings, all or none; those that are there already are left as they are.

        Parameters
        ----------
        code : by which they can be deleted, see `new_code`

        Raises
        ------
        DataError : the database does not answer, or has no room
        """
        rows = [drawing.to_row(code) for drawing in drawings]
        for _ in range(len(rows) + 1):
            keys = [row["key"] for row in rows]
            known = sa.select(DRAWINGS.c.key).where(DRAWINGS.c.key.in_(keys))
            with (
                _in_words(),
                contextlib.suppress(exc.IntegrityError),
                self._writing.begin() as open_,
            ):
                there = set(open_.execute(known).scalars())
                if new := [row for row in rows if row["key"] not in there]:
                    open_.execute(DRAWINGS.insert(), new)
                return
            # Somebody stored one of them in between: look again.

    def count(self, code: str | None = None) -> int:
        """Return how many drawings there are; of those that were given with a code, if one is."""
        query = sa.select(sa.func.count()).select_from(DRAWINGS)
        if code is not None:
            query = query.where(DRAWINGS.c.code_hash == hash_code(code))
        with _in_words(), self._engine.connect() as open_:
            return open_.execute(query).scalar_one()

    def drawings(self) -> Iterator[Drawing]:
        """Yield all drawings, the oldest first, a part at a time."""
        last = 0
        while True:
            query = sa.select(DRAWINGS).where(DRAWINGS.c.id > last).order_by(DRAWINGS.c.id)
            with _in_words(), self._engine.connect() as open_:
                rows = open_.execute(query.limit(PART)).all()
            if not rows:
                return
            yield from map(Drawing.from_row, rows)
            last = rows[-1].id

    def delete(self, code: str) -> int:
        """Delete what was given with a code; return how many drawings that were."""
        return self._delete(DRAWINGS.c.code_hash == hash_code(code))

    def delete_drawing(self, key: str, code: str) -> int:
        """Delete one drawing, by its key and the code that it was given with."""
        return self._delete(DRAWINGS.c.code_hash == hash_code(code), DRAWINGS.c.key == key)

    def delete_old(self) -> int:
        """Delete what has been kept for its time; return how many drawings that were."""
        oldest = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=self.days)
        old = DRAWINGS.c.given_at < oldest
        with _in_words(), self._engine.connect() as open_:
            if open_.execute(sa.select(DRAWINGS.c.id).where(old).limit(1)).first() is None:
                return 0
        return self._delete(old)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _delete(self, *which: sa.ColumnElement[bool]) -> int:
        with _in_words(), self._writing.begin() as open_:
            return open_.execute(DRAWINGS.delete().where(*which)).rowcount


def _open(address: str) -> sa.Engine:
    """Return the engine of an address; nothing is opened yet, but a file's folder is made."""
    url = sa.make_url(address)
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite":
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(url, connect_args={"timeout": BUSY})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_in_sqlite)
        return engine
    arguments = {"connect_timeout": WAIT} if url.get_backend_name() == "postgresql" else {}
    return sa.create_engine(
        url,
        connect_args=arguments,
        pool_size=CONNECTIONS,
        pool_timeout=WAIT,
        pool_pre_ping=True,  # a server that was restarted has closed the connections
    )


def _set_up_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401 - any driver's
    """Let SQLAlchemy begin transactions, and readers and a writer work at the same time."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _begin_in_sqlite(connection: sa.Connection) -> None:
    """Begin a transaction; one that writes waits here for the others, where waiting helps."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Turn the database's errors into a sentence, without its address, which holds a password."""
    try:
        yield
    except exc.IntegrityError:
        raise
    except (exc.SQLAlchemyError, ImportError, OSError, TimeoutError) as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        for kind, sentence in _SENTENCES.items():
            if kind(error, cause):
                raise DataError(sentence) from error
        raise DataError(
            f"The collection of handwriting cannot be used ({type(error).__name__}): what was "
            "drawn is not stored. Try again later."
        ) from error


_SENTENCES: dict[Callable[[Exception, str], bool], str] = {
    lambda error, _: isinstance(error, exc.ArgumentError | exc.NoSuchModuleError | ImportError): (
        "The address of the collection is no database that can be opened here: expected one such "
        "as postgresql://user:password@host/name, and its driver (pip install "
        "'digit-lab[collection]')."
    ),
    lambda _, cause: "disk is full" in cause or "No space left" in cause: (
        "The collection of handwriting has no room left: what was drawn is not stored."
    ),
    lambda error, _: isinstance(error, exc.OperationalError | exc.TimeoutError | OSError): (
        "The collection of handwriting does not answer: what was drawn is not stored. Try again "
        "later."
    ),
}
