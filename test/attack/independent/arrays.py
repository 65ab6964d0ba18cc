"""NPY (numpy.lib.format), safetensors (its reference implementation's rules) and artifacts."""

import ast
import ctypes
import hashlib
import json
import math
import re
import struct

import tables

LONGEST_NPY_HEADER = 10_000
LONGEST_SAFETENSORS_HEADER = 100_000_000
BITS = {
    **{name: 8 for name in ("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0")},
    **{name: 16 for name in ("I16", "U16", "F16", "BF16")},
    **{name: 32 for name in ("I32", "U32", "F32")},
    **{name: 64 for name in ("I64", "U64", "F64", "C64")},
    **{"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6},
}
LETTERS = {"b1": "B", "f2": "e", "f4": "f", "f8": "d", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q"}


class Refused(Exception):
    pass


def require(holds, words):
    if not holds:
        raise Refused(words)


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


def text(arrays):
    """Name, shape and digest of the values of each array, in the order of the lines' bytes."""
    lines = [f"{json.dumps(name, ensure_ascii=False)} [{','.join(map(str, shape))}] {digest(values)}" for name, shape, values in arrays]
    return "\n".join(sorted(lines, key=lambda line: line.encode("utf8")))


def floats(values):
    """As 32-bit floats; every NaN counts as the same one."""
    return b"".join(b"\0\0\xc0\x7f" if math.isnan(value) else bytes(ctypes.c_float(value)) for value in values)


def doubles(values):
    return struct.pack(f"<{len(values)}d", *values)


def npy_head(content):
    """What the header says, and the bytes behind it."""
    require(content[:6] == b"\x93NUMPY", "it is not NPY")
    major, minor = content[6], content[7]
    require((major, minor) in ((1, 0), (2, 0), (3, 0)), f"version {major}.{minor}")
    start = 10 if major == 1 else 12
    (length,) = struct.unpack("<H" if major == 1 else "<I", content[8:start])
    require(length <= LONGEST_NPY_HEADER and start + length <= len(content), "header's length")
    header = ast.literal_eval(content[start : start + length].decode("utf8" if major == 3 else "latin1"))
    require(isinstance(header, dict) and header.keys() == {"descr", "fortran_order", "shape"}, "header's keys")
    shape, columns_first, descr = header["shape"], header["fortran_order"], header["descr"]
    require(isinstance(shape, tuple) and all(isinstance(size, int) and size >= 0 for size in shape), "shape")
    require(isinstance(columns_first, bool), "fortran_order")
    return descr, columns_first, shape, content[start + length :]


def npy(content):
    """Type ("f4"), whether big-endian, whether column-major, shape, and the bytes behind the header."""
    descr, columns_first, shape, values = npy_head(content)
    found = re.fullmatch(r"([<>=|]?)([fiub][1248])", descr) if isinstance(descr, str) else None
    require(found is not None and found[2] in LETTERS, "descr")
    return found[2], found[1] == ">", columns_first, shape, values


def whole_file(path):
    with open(path, "rb") as file:
        return file.read()


def npy_values(data):
    kind, big, columns_first, shape, content = npy(data)
    count = math.prod(shape)
    values = list(struct.unpack_from(f"{'>' if big else '<'}{count}{LETTERS[kind]}", content))
    if columns_first and len(shape) == 2:
        rows, columns = shape
        values = [values[column * rows + row] for row in range(rows) for column in range(columns)]
    return kind, shape, values


def npy_matrix(path):
    return matrix_text(whole_file(path))


def matrix_text(data):
    _, shape, values = npy_values(data)
    require(len(shape) == 2 and math.prod(shape) > 0, "not a matrix")
    return text([("", shape, floats(values))])


def labels(path):
    if path.endswith(".csv"):
        return tables.csv_labels(path)
    if path.endswith(".npy"):
        texts = npy_texts(whole_file(path))
        if texts is not None:
            require(len(texts) > 0 and "" not in texts, "no text")
            return quoted(texts)
        kind, shape, values = npy_values(whole_file(path))
    else:
        found = [(kind, shape, unpacked(kind, data)) for _, kind, shape, data in safetensors(path)[0] if kind[0] in "IU" or kind == "BOOL"]
        lists = [(kind, shape, values) for kind, shape, values in found if len(shape) == 1]
        lists = lists or [(kind, shape, values) for kind, shape, values in found if len(shape) == 2]
        require(len(lists) == 1, f"{len(lists)} arrays of labels")
        ((kind, shape, values),) = lists
    require(kind[0] != "f" and len(shape) in (1, 2) and shape[0] > 0, "not whole numbers")
    if len(shape) == 1:
        if all(abs(value) < 2**53 for value in values):
            return text([("", shape, doubles(values))])
        return quoted([str(value) for value in values])
    rows, columns = shape
    require(columns > 1 and all(value in (0, 1) for value in values), "not rows of 0 and 1")
    return quoted([[str(column) for column in range(columns) if values[row * columns + column]] for row in range(rows)])


def quoted(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def npy_texts(content):
    descr, _, shape, data = npy_head(content)
    found = re.fullmatch(r"([<>=|])([US])([0-9]{1,7})", descr) if isinstance(descr, str) else None
    if found is None:
        return None
    size = int(found[3]) * (4 if found[2] == "U" else 1)
    require(len(shape) == 1 and 0 < size <= 1_000_000 and len(data) == shape[0] * size, "not a list of texts")
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    if found[2] == "S":
        return [piece.rstrip(b"\0").decode("utf8") for piece in pieces]
    code = "utf-32-be" if found[1] == ">" else "utf-32-le"
    return [piece.decode(code).rstrip("\0") for piece in pieces]


def members(pairs):
    found = dict(pairs)
    require(len(found) == len(pairs), "a name occurs twice")
    return found


def whole(number):
    require(number != "-0", "-0 is not a size")
    return int(number)


def is_size(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64


def constant(name):
    raise Refused(f"{name} is not JSON")


def safetensors(path):
    """Arrays as (name, type, shape, bytes), metadata, and the header with its length."""
    content = whole_file(path)
    require(len(content) >= 8, "no length")
    (length,) = struct.unpack_from("<Q", content)
    require(length <= LONGEST_SAFETENSORS_HEADER and 8 + length <= len(content), "header's length")
    head = content[8 : 8 + length]
    require(head[:1] == b"{", "the header does not begin with {")
    header = json.loads(head.decode("utf8"), object_pairs_hook=members, parse_int=whole, parse_constant=constant)
    metadata = header.pop("__metadata__", None)
    metadata = {} if metadata is None else metadata
    require(isinstance(metadata, dict) and all(isinstance(value, str) for value in metadata.values()), "metadata")
    found, end = [], 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        kind, shape, (first, last) = entry["dtype"], entry["shape"], entry["data_offsets"]
        require(kind in BITS, f"type {kind}")
        require(isinstance(shape, list) and all(map(is_size, [*shape, first, last])), f"sizes of {name}")
        require(first == end and last >= first, f"{name} begins at {first} instead of {end}")
        require(8 * (last - first) == BITS[kind] * math.prod(shape), f"bytes of {name}")
        name.encode("utf8")
        found.append((name, kind, shape, content[8 + length + first : 8 + length + last]))
        end = last
    require(8 + length + end == len(content), "its arrays do not end with the file")
    return found, metadata, content[: 8 + length]


def unpacked(kind, data):
    if kind == "BF16":
        words = struct.unpack(f"<{len(data) // 2}H", data)
        return struct.unpack(f"<{len(words)}f", struct.pack(f"<{len(words)}I", *(word << 16 for word in words)))
    letter = LETTERS[kind[0].lower() + str(BITS[kind] // 8)]
    return struct.unpack(f"<{8 * len(data) // BITS[kind]}{letter}", data)


def weights(path):
    found, metadata, _ = safetensors(path)
    if "sha256" in metadata:
        check_digest(path, metadata)
    return text([(name, shape, floats(unpacked(kind, data))) for name, kind, shape, data in found if kind in ("F16", "BF16", "F32", "F64")])


def linear_map(path):
    """The dimensions that a linear map takes and gives."""
    found, metadata, _ = safetensors(path)
    if "sha256" in metadata or "facts" in metadata:
        check_digest(path, metadata)
    real = {name: (shape, unpacked(kind, data)) for name, kind, shape, data in found if kind in ("F16", "BF16", "F32", "F64")}
    (inputs, outputs), _ = real["map.linear"]
    require(real["map.bias"][0] == [outputs], "bias")
    require(all(math.isfinite(value) for _, values in real.values() for value in values), "not finite")
    return f"{inputs} {outputs}"


def check_digest(path, metadata):
    with open(path, "rb") as file:
        content = file.read()
    said = metadata.get("sha256", "")
    require(re.fullmatch("[0-9a-f]{64}", said), "no checksum")
    require(hashlib.sha256(content.replace(said.encode(), b"0" * 64, 1)).hexdigest() == said, "its checksum")


def artifact(path):
    found, metadata, _ = safetensors(path)
    check_digest(path, metadata)
    facts = json.loads(metadata.get("facts", "{}"), parse_constant=constant)
    require(isinstance(facts, dict), "facts")
    require(all(kind in ("F32", "I32") for _, kind, _, _ in found), "types")
    names = json.dumps(sorted(facts, key=lambda name: name.encode("utf8")), ensure_ascii=False, separators=(",", ":"))
    values = [(name, shape, floats(unpacked(kind, data)) if kind == "F32" else data) for name, kind, shape, data in found]
    return f"{names}\n{text(values)}"
