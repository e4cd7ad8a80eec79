"""What Alembic runs: the migrations, in the transaction that it was given."""

from alembic import context

from mnist_core.collection.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite cannot change a column in place
)
context.run_migrations()
