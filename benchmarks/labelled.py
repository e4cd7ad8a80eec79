"""Labelled pictures of digits and numbers, found in folders."""

import csv
from pathlib import Path
from typing import Any

KINDS = {"single": "single digits", "multi": "numbers", "forms": "forms", "cases": "cases"}
CASES = "cases.csv"

Row = dict[str, Any]  # of a picture


class LabelError(Exception):
    """The folder holds no labelled pictures; the message says what was wanted."""


def read_labels(folder: Path) -> list[Row]:
    """Find the labelled pictures of a folder.

    Parameters
    ----------
    folder : Path, with `labels.csv` in a folder of a kind, or `cases.csv`

    Returns
    -------
    list of dict : kind (a key of KINDS), file (Path), label (lines joined by a newline), source;
        cases also have written

    Raises
    ------
    LabelError : there is no such file, or it lacks a column or any picture
    """
    pictures = _read_cases(folder / CASES) if (folder / CASES).is_file() else []
    for kind in KINDS:
        path = folder / kind / "labels.csv"
        if not path.is_file():
            continue
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if not rows or not {"file", "label", "source"} <= set(rows[0]):
            raise LabelError(f"{path} needs the columns file,label,source and a row a picture.")
        pictures += [
            {
                "kind": kind,
                "file": path.parent / row["file"],
                "label": row["label"].replace("|", "\n"),
                "source": row["source"],
            }
            for row in rows
        ]
    if not pictures:
        kinds = ", ".join(kind for kind in KINDS if kind != "cases")
        raise LabelError(f"Expected labels.csv in {folder}/ of {kinds}, or {folder}/{CASES}.")
    return pictures


def _read_cases(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"file", "text", "written"} <= set(rows[0]):
        raise LabelError(f"{path} needs the columns file,text,written and a row a picture.")
    return [
        {
            "kind": "cases",
            "file": path.parent / row["file"],
            "label": row["text"],
            "written": row["written"],
            "source": "cases",
        }
        for row in rows
    ]
