"""The table of the database; `migrations` leads older ones here."""

import sqlalchemy as sa

VERSION = "0002"  # of the newest migration
METADATA = sa.MetaData()

DRAWINGS = sa.Table(
    "drawings",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(32), nullable=False, unique=True),
    sa.Column("code_hash", sa.String(64), nullable=False, index=True),
    sa.Column("label", sa.SmallInteger, nullable=False),
    sa.Column("image", sa.LargeBinary, nullable=False),
    sa.Column("strokes", sa.Text, nullable=False),
    sa.Column("model", sa.String(41), nullable=False),
    sa.Column("answer", sa.SmallInteger, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("given_at", sa.DateTime, nullable=False, index=True),  # in UTC
)
