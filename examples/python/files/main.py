"""Reads one folder, changes one file, and shows what is refused.

    capsule run examples/python/files/main.py

`index` may read ./notes and change ./index.json; /tmp is its own, and gone with it. The rest of
the disk is not there.
"""

import json
import os
import tempfile
from collections import defaultdict
from pathlib import Path

from capsule import PolicyDenied, task

NOTES = Path("notes")
INDEX = Path("index.json")


@task(allowed_files=["./notes:ro", "./index.json:rw"])
def index() -> dict:
    """In which notes each word is; written beside the index first, then put in its place."""
    words: dict[str, set[str]] = defaultdict(set)
    for note in sorted(NOTES.glob("*.txt")):
        for word in note.read_text(encoding="utf-8").lower().split():
            words[word.strip(".,")].add(note.stem)
    lines = [f"{json.dumps(word)}: {json.dumps(sorted(words[word]))}" for word in sorted(words)]
    new = INDEX.with_suffix(".new")
    new.write_text("{\n  " + ",\n  ".join(lines) + "\n}\n", encoding="utf-8")
    os.replace(new, INDEX)
    return {"words": len(words), "in both": [word for word in sorted(words) if len(words[word]) > 1]}


@task(allowed_files=["./notes:ro"])
def vandal() -> list:
    """What a task that was not given more gets."""
    tried = []
    for path in ("notes/bread.txt", "index.json", "/etc/passwd", "notes/../main.py"):
        try:
            with open(path, "a", encoding="utf-8"):
                tried.append(f"{path}: opened")
        except OSError as error:
            tried.append(f"{path}: {type(error).__name__}")
    return tried


@task(max_disk="1MB")
def hoarder() -> int:
    with tempfile.TemporaryFile() as file:
        return sum(file.write(bytes(100_000)) for _ in range(100))


@task
def main() -> dict:
    found = index()
    print(f"{found['words']} words; in both notes: {', '.join(found['in both'])}")
    for line in vandal():
        print(line)
    try:
        hoarder()
    except PolicyDenied as error:
        print(error.message)
    return found


if __name__ == "__main__":
    main()
