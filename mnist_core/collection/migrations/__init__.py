"""How older databases become today's: Alembic's scripts, one a version."""
