"""Texts of the language models, and the merges of their tokens."""

import hashlib
import json
import re
import stat
import zipfile

from archives import plain
from arrays import require


# What JavaScript takes for white space.
WHITE = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


def texts(path):
    documents = []
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            kind = stat.S_IFMT(entry.external_attr >> 16)
            require(kind in (0, stat.S_IFREG, stat.S_IFDIR), "it is no file or folder")
            name = plain(entry.filename)
            if entry.is_dir() or kind == stat.S_IFDIR:
                continue
            below = name[name.find("/") + 1 :]
            if re.match(r"readme|license", below[below.rfind("/") + 1 :], re.IGNORECASE):
                continue
            text = archive.read(entry).decode("utf-8")
            text = text[1:] if text.startswith("\ufeff") else text
            require(text.strip(WHITE) != "", "an empty text")
            documents.append((below, hashlib.sha256(text.encode("utf-8")).hexdigest()))
    # The project's order is that of UTF-16.
    ordered = sorted(documents, key=lambda document: document[0].encode("utf-16-be", "surrogatepass"))
    return "\n".join(f"{json.dumps(name, ensure_ascii=False)} {digest}" for name, digest in ordered)


def merges(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        found = json.load(file)["merges"]
    require(isinstance(found, list), "no list")
    for index, pair in enumerate(found):
        require(isinstance(pair, list) and len(pair) == 2, "no pair")
        require(all(type(token) is int and 1 <= token < 257 + index for token in pair), "no earlier token")
        require(pair not in found[:index], "a pair twice")
    return " ".join(",".join(map(str, pair)) for pair in found)
