"""Bring a database to today's schema, once, however many processes begin at the same time."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from mnist_core.collection.schema import VERSION

MIGRATIONS = "mnist_core:collection/migrations"
LOCK = 7_285_311_204  # of PostgreSQL's advisory locks; any number that others do not use
PATIENCE = 60  # seconds to wait for another process that migrates


def migrate(engine: sa.Engine, version: str = VERSION) -> None:
    """Run the migrations that are missing, all or none.

    Alembic is loaded only if there are any.

    Raises
    ------
    sqlalchemy.exc.SQLAlchemyError : the database does not answer, or refuses
    """
    with engine.connect() as connection:
        if _version(connection) == version:
            return
    with _only_one(engine), engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        if _version(connection) == version:  # another was faster
            return
        from alembic import command
        from alembic.config import Config

        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", MIGRATIONS)
        command.upgrade(config, version)


def _version(connection: sa.Connection) -> str:
    """Return the version of a database; empty for a new one."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or ""


@contextlib.contextmanager
def _only_one(engine: sa.Engine) -> Iterator[None]:
    """Keep other processes on this computer from migrating the same file."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        yield
        return
    from filelock import FileLock

    with FileLock(Path(f"{name}.lock"), timeout=PATIENCE):
        yield
