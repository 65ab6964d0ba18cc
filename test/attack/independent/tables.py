"""CSV (RFC 4180) and NPZ (zip archives of NPY files)."""

import re
import zipfile

import arrays

# The characters that JavaScript counts as space.
SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
NUMBER = re.compile(f"[{SPACE}]*[+-]?(([0-9]+\\.?[0-9]*|\\.[0-9]+)(e[+-]?[0-9]+)?|nan|inf(inity)?)[{SPACE}]*", re.I | re.A)
LIST = re.compile(f"[{SPACE}]*\\[([^\\]]*)\\][{SPACE}]*")
QUOTED = re.compile('"((?:[^"]|"")*)"')


def require(holds, words):
    if not holds:
        raise arrays.Refused(words)


def trimmed(text):
    return re.sub(f"^[{SPACE}]+|[{SPACE}]+$", "", text)


def records(path):
    text = arrays.whole_file(path).decode("utf8")
    lines = (text[1:] if text.startswith("\ufeff") else text).split("\n")
    if lines[-1] == "":
        lines.pop()
    begun = ""
    for line in lines:
        line = line.removesuffix("\r")
        begun = line if begun == "" else f"{begun}\n{line}"
        if begun.count('"') % 2 == 1:
            continue
        if begun != "":
            yield fields(begun)
        begun = ""
    require(begun == "", "a field does not end")


def fields(record):
    found, begun = [], None
    for part in record.split(","):
        whole = part if begun is None else f"{begun},{part}"
        begun = whole if whole.count('"') % 2 == 1 else None
        if begun is not None:
            continue
        inner = QUOTED.fullmatch(whole)
        require(inner is not None or '"' not in whole, "a quotation mark inside")
        found.append(whole if inner is None else inner[1].replace('""', '"'))
    return found


def rows(path):
    found = list(records(path))
    require(len(found) > 0, "empty")
    head = found[0]
    has_head = any(not NUMBER.fullmatch(field) and not LIST.fullmatch(field) for field in head)
    names = [trimmed(field) for field in head] if has_head else range(len(head))
    require(len(set(names)) == len(head), "a name occurs twice")
    require(all(len(row) == len(head) for row in found), "numbers of fields")
    return found[1:] if has_head else found


def csv_matrix(path):
    vectors = [vector(row) for row in rows(path)]
    require(len(vectors) > 0 and len(vectors[0]) > 0, "no rows")
    require(all(len(one) == len(vectors[0]) for one in vectors), "lengths")
    values = [value for one in vectors for value in one]
    return arrays.text([("", (len(vectors), len(vectors[0])), arrays.floats(values))])


def vector(row):
    listed = LIST.fullmatch(row[0]) if len(row) == 1 else None
    if listed is None:
        return [number(field) for field in row]
    inner = trimmed(listed[1])
    if inner == "":
        return []
    return [number(field) for field in (inner.split(",") if "," in listed[1] else re.split(f"[{SPACE}]+", inner))]


def number(field):
    require(NUMBER.fullmatch(field), "not a number")
    return float(trimmed(field))


def csv_labels(path):
    found = rows(path)
    require(len(found) > 0 and len(found[0]) == 1, "not one column of labels")
    sets = []
    for (field,) in found:
        parts = [trimmed(part) for part in field.split(";")]
        require(all(parts), "an empty label")
        sets.append(list(dict.fromkeys(parts)))
    if any(len(labels) != 1 for labels in sets):
        return arrays.quoted(sets)
    texts = [label for (label,) in sets]
    if all(re.fullmatch("0|-?[1-9][0-9]{0,15}", text) and abs(int(text)) < 2**53 for text in texts):
        return arrays.text([("", (len(texts),), arrays.doubles([float(text) for text in texts]))])
    return arrays.quoted(texts)


def npz(path):
    found = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            name = entry.filename.removesuffix(".npy")
            require(name not in found, "a name occurs twice")
            kind, _, _, shape, _ = arrays.npy(archive.read(entry))
            found[name] = (kind, shape, archive.read(entry))
    fitting = [data for kind, shape, data in found.values() if len(shape) == 2 and kind[0] == "f"]
    fitting = fitting or [data for _, shape, data in found.values() if len(shape) == 2]
    require(len(fitting) == 1, f"{len(fitting)} matrices")
    return arrays.matrix_text(fitting[0])


def unknown(_):
    """Not told by the standard library, as Parquet, or by a format, as names of networks: nothing is compared."""
    return None
