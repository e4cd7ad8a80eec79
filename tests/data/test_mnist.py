import io
import urllib.error

import numpy as np
import pytest

from mnist_core.data import mnist as data
from mnist_core.errors import DataError
from mnist_core.pixels import to_float


@pytest.fixture
def tiny(monkeypatch):
    """Bytes of a tiny archive that is taken for MNIST, since its checksums are the wanted ones."""
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.integers(0, 256, (12, 28, 28), np.uint8),
        "y_train": np.arange(12, dtype=np.uint8) % 10,
        "x_test": rng.integers(0, 256, (5, 28, 28), np.uint8),
        "y_test": np.arange(5, dtype=np.uint8),
    }
    sums = {
        name: data.hashlib.sha256(array.tobytes()).hexdigest() for name, array in arrays.items()
    }
    monkeypatch.setattr(data, "SHA256", sums)
    monkeypatch.setattr(data, "VALIDATION_IMAGES", 4)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.delenv("MNIST_PATH", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return tmp_path


def scratched(content):
    """Turn over some bytes in the middle, where an array's compressed pixels are."""
    middle = len(content) // 3
    return (
        content[:middle]
        + bytes(255 - b for b in content[middle : middle + 99])
        + content[middle + 99 :]
    )


def one_array(_):
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


class Answer(io.BytesIO):
    headers = {"Content-Length": "0"}  # noqa: RUF012


@pytest.fixture
def server(monkeypatch):
    """Let the download address answer with these bytes, or fail; counts the calls."""
    calls = []

    def serve(content):
        def urlopen(url, timeout):
            calls.append((url, timeout))
            if content is None:
                raise urllib.error.URLError("no network")
            return Answer(content)

        monkeypatch.setattr(data.urllib.request, "urlopen", urlopen)
        return calls

    return serve


def test_real_mnist_has_its_published_shape(mnist):
    assert mnist.train.images.shape == (50_000, 28, 28)
    assert mnist.validation.images.shape == (10_000, 28, 28)
    assert mnist.test.images.shape == (10_000, 28, 28)
    assert mnist.train.images.dtype == np.uint8
    # The first digits of each published file are known.
    assert mnist.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(mnist.test.labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip


def test_a_named_file_is_read_and_split(tiny, tmp_path, monkeypatch):
    (tmp_path / "m.npz").write_bytes(tiny)
    monkeypatch.setenv("MNIST_PATH", str(tmp_path / "m.npz"))
    mnist = data.load_mnist()
    assert (len(mnist.train), len(mnist.validation), len(mnist.test)) == (8, 4, 5)
    assert mnist.validation.labels.tolist() == [8, 9, 0, 1]


def test_the_error_of_a_missing_file_explains_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_PATH", str(tmp_path / "none.npz"))
    with pytest.raises(DataError, match=r"none\.npz.*MNIST_PATH.*https://") as caught:
        data.load_mnist()
    assert str(tmp_path) in str(caught.value)
    assert "none.npz" in caught.value.in_public
    assert str(tmp_path) not in caught.value.in_public


@pytest.mark.parametrize(
    "broken", [lambda b: b[:200], lambda b: b"", lambda b: b"hello" * 99, scratched, one_array]
)
def test_a_named_file_that_is_damaged_is_an_error(tiny, tmp_path, monkeypatch, broken):
    (tmp_path / "m.npz").write_bytes(broken(tiny))
    monkeypatch.setenv("MNIST_PATH", str(tmp_path / "m.npz"))
    with pytest.raises(DataError, match="not a whole") as caught:
        data.load_mnist()
    assert str(tmp_path) not in caught.value.in_public
    assert (tmp_path / "m.npz").exists()


def test_other_pixels_than_mnists_are_refused(tiny, tmp_path, monkeypatch):
    arrays = dict(np.load(io.BytesIO(tiny)))
    arrays["x_test"] = 255 - arrays["x_test"]
    np.savez(tmp_path / "m.npz", **arrays)
    monkeypatch.setenv("MNIST_PATH", str(tmp_path / "m.npz"))
    with pytest.raises(DataError, match="x_test differs"):
        data.load_mnist()


def test_mnist_is_downloaded_whole_then_found(tiny, home, server):
    calls, seen = server(tiny), []
    assert len(data.load_mnist(progress=lambda *bytes_: seen.append(bytes_)).train) == 8
    assert seen[-1][0] == len(tiny)
    assert len(data.load_mnist().train) == 8
    assert len(calls) == 1
    assert [path.name for path in (home / "datasets").iterdir()] == ["mnist.npz"]


@pytest.mark.parametrize("broken", [scratched, lambda b: b[:300]])
def test_a_damaged_cache_is_reported_and_replaced(tiny, home, server, broken):
    server(tiny)
    data.cache_path().parent.mkdir()
    data.cache_path().write_bytes(broken(tiny))
    with pytest.warns(UserWarning, match="Downloading it again"):
        assert len(data.load_mnist().train) == 8
    assert data.cache_path().read_bytes() == tiny


@pytest.mark.parametrize("content", [None, b"<html>not found</html>"])
def test_a_failed_download_explains_what_to_do_and_leaves_nothing(tiny, home, server, content):
    server(content)
    with pytest.raises(DataError, match=r"https://.*put it at .*mnist\.npz, or set MNIST_PATH"):
        data.load_mnist()
    assert list((home / "datasets").iterdir()) == []


def test_a_home_that_cannot_be_written_is_reported(tiny, home, server, monkeypatch):
    server(tiny)
    (home / "file").write_text("in the way")
    monkeypatch.setenv("KERAS_HOME", str(home / "file"))
    with pytest.raises(DataError, match="set MNIST_PATH"):
        data.load_mnist()


def test_a_download_that_breaks_off_is_reported(tiny, home, monkeypatch):
    class Broken(Answer):
        def read(self, _):
            raise data.http.client.IncompleteRead(b"")

    monkeypatch.setattr(data.urllib.request, "urlopen", lambda *_, **__: Broken())
    with pytest.raises(DataError, match="IncompleteRead"):
        data.load_mnist()


def test_arrays_of_another_shape_are_refused(tiny, tmp_path, monkeypatch):
    arrays = dict(np.load(io.BytesIO(tiny)))
    arrays["x_train"] = arrays["x_train"].reshape(12, 784)
    np.savez(tmp_path / "m.npz", **arrays)
    monkeypatch.setenv("MNIST_PATH", str(tmp_path / "m.npz"))
    with pytest.raises(DataError, match="x_train has the shape"):
        data.load_mnist()


def test_without_network_the_file_and_its_place_are_named(tiny, home, server):
    server(None)
    with pytest.raises(DataError, match=r"https://.*put it at .*mnist\.npz"):
        data.load_mnist()


def test_pixels_become_floats_from_0_to_1():
    images = np.zeros((1, 28, 28), np.uint8)
    images[0, 0, :2] = 51, 255
    floats = to_float(images)
    assert floats.dtype == np.float32
    assert floats[0, 0, :3].tolist() == pytest.approx([0.2, 1, 0])


@pytest.mark.parametrize(
    "images", [np.zeros((1, 28, 28)), np.zeros((28, 28), np.uint8), np.zeros((1, 27, 28), np.uint8)]
)
def test_other_images_are_refused(images):
    with pytest.raises(ValueError, match="Expected uint8 images"):
        to_float(images)
