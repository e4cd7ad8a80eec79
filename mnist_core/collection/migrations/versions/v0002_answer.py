"""Keep which model answered, and what.

Of older drawings that is unknown: the label stands in for the answer.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Keep which model answered, and what."""
    with op.batch_alter_table("drawings") as table:
        table.add_column(sa.Column("model", sa.String(41), nullable=False, server_default=""))
        table.add_column(sa.Column("answer", sa.SmallInteger))
        table.add_column(sa.Column("confidence", sa.Float, nullable=False, server_default="0"))
    op.execute("UPDATE drawings SET answer = label")
    with op.batch_alter_table("drawings") as table:
        table.alter_column("answer", existing_type=sa.SmallInteger(), nullable=False)
