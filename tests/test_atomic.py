"""Files that are always whole."""

import pytest

from mnist_core import atomic


def test_a_file_is_written_whole(tmp_path):
    path = tmp_path / "file.txt"
    atomic.write_text(path, "first")
    atomic.write_bytes(path, "sécond".encode(), durable=True)
    assert path.read_text("utf-8") == "sécond"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_the_old_file_and_no_part(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")

    def fail_halfway():
        with atomic.replacing(path) as part:
            part.write_text("ne")
            raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        fail_halfway()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
