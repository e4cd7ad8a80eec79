"""A module for each version of the database; a published one is never changed."""
