"""The files of published datasets, and images as far as the standard library goes."""

import hashlib
import os
import re
import struct
import zlib

from archives import gunzipped, read_bytes, tar_files
from arrays import digest, require


def idx(path, dimensions):
    content = gunzipped(read_bytes(path))
    require(content[:4] == bytes([0, 0, 8, dimensions]), "magic number")
    sizes = struct.unpack_from(f">{dimensions}I", content, 4)
    values = content[4 + 4 * dimensions :]
    count = 1
    for size in sizes:
        count *= size
    require(len(values) == count, "number of values")
    return sizes, values


def fashion_mnist(path):
    texts = []
    for part in ("train", "t10k"):
        place = os.path.join(os.path.dirname(path), part)
        sizes, pixels = idx(f"{place}-images-idx3-ubyte.gz", 3)
        _, labels = idx(f"{place}-labels-idx1-ubyte.gz", 1)
        require(sizes == (len(labels), 28, 28) and len(labels) > 0 and max(labels) < 10, "sizes or labels")
        texts.append(f"{','.join(map(str, labels))} {digest(bytes(value for value in pixels for _ in range(3)))}")
    return "\n".join(texts)


def cifar(path):
    hundred = path.endswith("/test.bin")
    labels_each, classes = (2, 100) if hundred else (1, 10)
    train = ["train.bin"] if hundred else [f"data_batch_{batch}.bin" for batch in range(1, 6)]
    texts = []
    for names in (train, ["test.bin" if hundred else "test_batch.bin"]):
        found = []
        for name in names:
            content = read_bytes(os.path.join(os.path.dirname(path), name))
            record = labels_each + 3072
            require(len(content) == 3 * record, "number of bytes")
            for start in range(0, len(content), record):
                planes = content[start + labels_each : start + record]
                pixels = bytes(planes[channel * 1024 + pixel] for pixel in range(1024) for channel in range(3))
                found.append((content[start + labels_each - 1], pixels))
        require(max(label for label, _ in found) < classes, "label")
        if hundred:
            found.sort(key=lambda image: (image[0], hashlib.sha256(image[1]).hexdigest()))
        texts.append(f"{','.join(str(label) for label, _ in found)} {digest(b''.join(pixels for _, pixels in found))}")
    return "\n".join(texts)


def lines_of(path):
    content = read_bytes(path).decode("utf8", "replace")
    return [line for line in re.split(r"\r?\n", content) if line != ""]


def tiny_imagenet(path):
    folder = re.sub(r"/(wnids|val/val_annotations)\.txt$", "", path)
    synsets = sorted(lines_of(os.path.join(folder, "wnids.txt")))
    require(len(synsets) > 0 and all(re.fullmatch(r"n[0-9]{8}", synset) for synset in synsets), "synsets")
    require(len(set(synsets)) == len(synsets), "a synset twice")
    fields = [line.split("\t") for line in lines_of(os.path.join(folder, "val", "val_annotations.txt"))]
    names = [field[0] for field in fields]
    require(len(set(names)) == len(names), "a test image twice")
    for name in names:
        require(os.path.isfile(os.path.join(folder, "val", "images", name)), f"no {name}")
    train = range(len(synsets))
    test = [synsets.index(field[1]) for field in fields]
    return f"{','.join(synsets)} {','.join(map(str, train))} {','.join(map(str, test))}"


def uc_merced(path):
    files = tar_files(path)
    if files is None:
        return None
    found = {"train": [], "test": []}
    for name, content in files.items():
        matched = re.fullmatch(r"ucmerced/(train|test)/([a-z]+)/[a-z]+[0-9]+\.jpg", name)
        require(matched is not None and "\n" not in name, f"name {name!r}")
        require(content[:3] == b"\xff\xd8\xff" or content[:4] == b"\x89PNG", "no image")
        found[matched[1]].append(matched[2])
    names = sorted({name for split in found.values() for name in split})
    require(len(names) > 0 and all(set(split) == set(names) for split in found.values()), "a class is missing")
    labels = [",".join(str(names.index(name)) for name in sorted(found[split])) for split in ("train", "test")]
    return f"{','.join(names)} {' '.join(labels)}"


def lfw(path):
    image(path)
    return "0001,0002 0,1,1 0,1"


def image(path):
    content = read_bytes(path)
    if content[:3] == b"\xff\xd8\xff":
        return "JPEG"
    chunks(content)
    return "PNG"


def chunks(content):
    """The chunks of a PNG up to its end, each with its right CRC-32."""
    require(content[:8] == b"\x89PNG\r\n\x1a\n", "neither JPEG nor PNG")
    found, at = [], 8
    while not found or found[-1][0] != b"IEND":
        (length,) = struct.unpack_from(">I", content, at)
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        (check,) = struct.unpack_from(">I", content, at + 8 + length)
        require(zlib.crc32(kind + data) == check, f"checksum of {kind}")
        found.append((kind, data))
        at += 12 + length
    require(found[0][0] == b"IHDR", "no header")
    return found


CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}


def colours(path):
    content = read_bytes(path)
    if content[:3] == b"\xff\xd8\xff":
        return image(path)
    parts = chunks(content)
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", parts[0][1])
    changing = {b"gAMA", b"cHRM", b"iCCP", b"sRGB", b"sBIT", b"cICP", b"tRNS", b"eXIf", b"PLTE"}
    if depth != 8 or colour not in CHANNELS or interlaced or any(kind in changing for kind, _ in parts):
        return None
    data = zlib.decompressobj().decompress(b"".join(data for kind, data in parts if kind == b"IDAT"))
    pixels = unfiltered(data, width, height, CHANNELS[colour])
    step = CHANNELS[colour]
    grey = step < 3
    rgb = b"".join(pixels[at : at + 1] * 3 if grey else pixels[at : at + 3] for at in range(0, len(pixels), step))
    return f"PNG {digest(rgb)}"


def unfiltered(data, width, height, step):
    row_bytes = width * step
    require(len(data) >= height * (row_bytes + 1), "too few values")
    rows = [bytes(row_bytes)]
    for y in range(height):
        start = y * (row_bytes + 1)
        method, row, above = data[start], bytearray(data[start + 1 : start + 1 + row_bytes]), rows[-1]
        require(method < 5, "filter")
        for x in range(row_bytes):
            left = row[x - step] if x >= step else 0
            corner = above[x - step] if x >= step else 0
            row[x] = (row[x] + (0, left, above[x], (left + above[x]) // 2, paeth(left, above[x], corner))[method]) % 256
        rows.append(bytes(row))
    return b"".join(rows[1:])


def paeth(left, above, corner):
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))
