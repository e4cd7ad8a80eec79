import io
import os
import struct
import time
import tracemalloc
import zipfile
from itertools import pairwise
from pathlib import PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.errors import PictureError
from mnist_core.pictures import archives

DIRECTORY = b"PK\1\2"  # how an entry of a zip archive's directory begins
FLAGS, METHOD, PACKED, SIZE = (8, "<H"), (10, "<H"), (20, "<I"), (24, "<I")
wild = settings(max_examples=60, deadline=None)


def pack(members, method=zipfile.ZIP_STORED):
    """A zip archive of {name: bytes}."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def claim(content, field, value, *, entry=0):
    """Overwrite what an archive's directory says of an entry."""
    start = -1
    for _ in range(entry + 1):
        start = content.index(DIRECTORY, start + 1)
    content = bytearray(content)
    struct.pack_into(field[1], content, start + field[0], value)
    return bytes(content)


def names(content, **limits):
    return [name for name, _ in archives.unpack(content, **limits)]


def errors(content, **limits):
    found = archives.unpack(content, **limits)
    return {name: str(result) for name, result in found if isinstance(result, PictureError)}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_pictures_come_out_as_they_went_in(method):
    members = {"a.png": b"first", "folder/b.JPEG": b"second" * 999, "c.heic": b""}
    assert dict(archives.unpack(pack(members, method))) == members


def test_what_is_no_picture_is_passed_over():
    passed = ["readme.txt", "png", "a.png/", "folder/", "in.zip", ".hidden.png", ".git/a.png"]
    passed += ["__MACOSX/a.png", "__MACOSX/._a.png", "folder/._a.png", "folder\\", "a.png.exe"]
    content = pack(dict.fromkeys(passed, b"") | {"only.png": b"x"})
    assert dict(archives.unpack(content)) == {"only.png": b"x"}


def test_names_are_sorted_as_people_do():
    shuffled = ["b1.png", "a10.png", "A2.png", "a1.png", "a2/x.png", "07.png", "1.png", "a02.png"]
    expected = ["1.png", "07.png", "a1.png", "A2.png", "a02.png", "a2/x.png", "a10.png", "b1.png"]
    assert names(pack(dict.fromkeys(shuffled, b""))) == expected
    assert sorted(["9" * 5000, "8", "10"], key=archives.natural_order)[:2] == ["8", "10"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("../../etc/a.png", "etc/a.png"),
        ("/etc/a.png", "etc/a.png"),
        ("C:\\Users\\me\\a.png", "Users/me/a.png"),
        ("/c:D:a.png", "a.png"),
        ("\\\\server\\share\\..\\a.png", "server/share/a.png"),
        ("./a//b/./a.png", "a/b/a.png"),
        ("a\n\r\t\x1b[31m.png", "a[31m.png"),
        ("\u202egnp.exe.png", "gnp.exe.png"),
        ("<b>=1+1</b>.png", "<b>=1+1</b>.png"),
        ("数字 7.png", "数字 7.png"),
        ("x" * 500 + ".png", "…" + "x" * 115 + ".png"),
    ],
)
def test_names_are_safe_to_show(path, shown):
    assert archives.shown_name(path) == shown
    assert names(pack({path: b""})) == [shown]


@given(st.text(max_size=150) | st.text("Ac7:/\\. ", max_size=20))
@wild
def test_no_name_leads_anywhere(path):
    shown = archives.shown_name(path)
    assert shown.isprintable()
    assert len(shown) <= archives.NAME_LENGTH
    assert not {"", ".", ".."} & set(shown.split("/")) or shown == ""
    assert PureWindowsPath(shown).anchor == ""
    shown.encode()


def test_locked_members_are_reported():
    content = claim(pack({"a.png": b"x", "b.png": b"y"}), FLAGS, 1)
    (name, error), rest = archives.unpack(content)
    assert name == "a.png"
    assert isinstance(error, PictureError)
    assert "password" in str(error)
    assert rest == ("b.png", b"y")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 99])
def test_members_packed_in_unusual_ways_are_reported(method):
    content = claim(pack({"a.png": b"x", "b.png": b"y"}), METHOD, method)
    assert errors(content) == {
        "a.png": "The file is packed in an unusual way: pack it as an ordinary zip."
    }


def test_damaged_members_are_reported_and_the_rest_is_read():
    content = pack({"a.png": b"first picture", "b.png": b"second"})
    content = content.replace(b"first picture", b"frost picture")
    assert errors(content) == {"a.png": "The file is damaged in the archive: pack it again."}
    assert ("b.png", b"second") in archives.unpack(content)


def test_large_members_are_reported():
    content = pack({"a.png": bytes(101), "b.png": bytes(100)}, zipfile.ZIP_DEFLATED)
    assert "unpacks to" in errors(content, max_bytes=100)["a.png"]
    assert ("b.png", bytes(100)) in archives.unpack(content, max_bytes=100)


@pytest.mark.parametrize("claimed", [0, 10, 99, 2**32 - 1])
def test_what_the_archive_claims_is_not_believed(claimed):
    content = claim(pack({"a.png": bytes(10_000_000)}, zipfile.ZIP_DEFLATED), SIZE, claimed)
    ((_, result),) = archives.unpack(content, max_bytes=100)
    assert isinstance(result, PictureError)


@pytest.mark.parametrize(
    ("limits", "limit"), [({"max_files": 3}, "3 files"), ({"max_total": 35}, "3.5e-05 MB")]
)
def test_it_stops_at_the_limits_and_reports_where(limits, limit):
    members = {f"{number}.png": bytes(10) for number in range(12)}
    *unpacked, (name, error) = archives.unpack(pack(members), **limits)
    assert [name for name, _ in unpacked] == ["0.png", "1.png", "2.png"]
    assert name == "3.png"
    assert f"after 3 of 12 pictures: at most {limit} of one archive" in str(error)
    assert isinstance(error, archives.StoppedError)
    assert error.rest == 9


def test_chosen_pictures_are_unpacked_and_no_others(monkeypatch):
    members = {f"{number}.png": bytes([number]) * 10 for number in range(12)} | {"a.txt": b"x"}
    content = pack(members, zipfile.ZIP_DEFLATED)
    opened, open_member = [], zipfile.ZipFile.open

    def count(archive, info, *arguments, **options):
        opened.append(info.filename)
        return open_member(archive, info, *arguments, **options)

    monkeypatch.setattr(zipfile.ZipFile, "open", count)
    chosen = archives.unpack(content, only={10, 3, 99})
    assert dict(chosen) == {"3.png": bytes([3]) * 10, "10.png": bytes([10]) * 10}
    assert opened == ["3.png", "10.png"]


def test_chosen_pictures_have_the_limits_of_all():
    content = pack({f"{number}.png": bytes(10) for number in range(5)})
    for limits in ({"max_files": 3}, {"max_total": 35}, {"max_bytes": 9}, {"max_bytes": 99}):
        for place, (name, expected) in enumerate(archives.unpack(content, **limits)):
            ((chosen, found),) = archives.unpack(content, only=[place], **limits)
            assert chosen == name
            assert str(found) == str(expected)
            assert type(found) is type(expected)


def test_refused_members_use_up_no_room():
    members = {"1.png": bytes(1000), "2.png": bytes(10)}
    assert errors(pack(members), max_bytes=10, max_total=10).keys() == {"1.png"}


def test_packed_bytes_count_though_nothing_comes_out():
    empty_blocks = b"\0\0\0\xff\xff" * 1000
    content = pack({"a.png": empty_blocks, "b.png": b""})
    content = claim(claim(content, METHOD, 8), SIZE, 0)
    assert "Stopped here, after 0 of 2" in errors(content, max_total=4000)["a.png"]


@pytest.fixture(scope="module")
def bomb():
    """Unpacks to 3 GB: the same 150 MB under twenty names, as the directory allows."""
    content = pack({"00.png": bytes(150_000_000)}, zipfile.ZIP_DEFLATED)
    start, end = content.index(DIRECTORY), content.rindex(b"PK\5\6")
    entry = content[start:end]
    tail = bytearray(content[end:])
    struct.pack_into("<HHII", tail, 8, 20, 20, 20 * len(entry), start)
    return content[:start] + entry * 20 + bytes(tail)


@pytest.mark.parametrize("claimed", [None, 19_999_999])
def test_zip_bombs_take_neither_time_nor_memory(bomb, claimed):
    if claimed:
        for entry in range(20):
            bomb = claim(bomb, SIZE, claimed, entry=entry)
    tracemalloc.start()
    started = time.process_time()
    results = [result for _, result in archives.unpack(bomb)]
    seconds = time.process_time() - started
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert all(isinstance(result, PictureError) for result in results)
    assert seconds < 5
    assert memory < 100_000_000


def test_archives_of_endlessly_many_files_are_refused(monkeypatch):
    monkeypatch.setattr(archives, "MAX_ZIP_ENTRIES", 3)
    assert names(pack({f"{n}.txt": b"" for n in range(3)})) == []
    with pytest.raises(PictureError, match="lists more than 3 files"):
        archives.unpack(pack({f"{n}.txt": b"" for n in range(4)}))


def test_archives_in_archives_stay_closed():
    assert names(pack({"inner.zip": pack({"a.png": b"x"})})) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"\x89PNG", b"x" * 999, pack({"a.png": b""})[1:]],
    ids=["empty", "too short", "picture", "text", "cut"],  # archives hold the time
)
def test_what_is_no_archive_is_reported_at_once(content):
    assert not archives.is_zip(content)
    with pytest.raises(PictureError, match="not a zip archive"):
        archives.unpack(content)


def test_archives_are_known_by_their_beginning():
    assert archives.is_zip(bytearray(pack({"a.png": b""})))
    assert archives.is_zip(pack({}))
    assert names(pack({})) == []


def test_damaged_archives_are_reported():
    content = pack({"a.png": b"x" * 99})
    for cut in (5, 60, len(content) - 1):
        with pytest.raises(PictureError, match="damaged or cut off"):
            archives.unpack(content[:cut])


@given(st.data())
@wild
def test_flipped_bits_do_no_harm(data):
    members = {"a.png": b"first" * 9, "é/b.jpg": bytes(999), "c.txt": b""}
    content = bytearray(pack(members, zipfile.ZIP_DEFLATED))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
        content[place] ^= data.draw(st.integers(1, 255))
    try:
        unpacked = list(archives.unpack(bytes(content), max_bytes=10_000))
    except PictureError:
        return
    assert all(isinstance(result, bytes | PictureError) for _, result in unpacked)


@given(st.binary(max_size=300))
@wild
def test_random_bytes_are_no_archive(noise):
    with pytest.raises(PictureError):
        archives.unpack(b"PK\3\4" + noise)


def test_nothing_is_written(monkeypatch, tmp_path):
    content = pack({"/a.png": b"x", "../../b.png": b"y", "C:\\c.png": b"z"}, zipfile.ZIP_DEFLATED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("builtins.open", lambda *_, **__: pytest.fail("opened a file"))
    monkeypatch.setattr(os, "open", lambda *_, **__: pytest.fail("opened a file"))
    assert sorted(names(content)) == ["a.png", "b.png", "c.png"]
    assert not list(tmp_path.iterdir())


@given(st.lists(st.text(st.characters(codec="ascii"), max_size=9), min_size=2, max_size=5))
@wild
def test_any_names_can_be_sorted(texts):
    keys = [archives.natural_order(text) for text in sorted(texts, key=archives.natural_order)]
    assert all(first <= second for first, second in pairwise(keys))
