"""Tar, zip and PyTorch's archives."""

import collections
import io
import json
import lzma
import math
import pickle
import posixpath
import re
import stat
import struct
import tarfile
import zipfile
import zlib

from arrays import digest, floats, require, text


def gunzipped(data):
    """All members; what follows them and is none is left, as gzip does."""
    content = b""
    while data[:2] == b"\x1f\x8b":
        member = zlib.decompressobj(31)
        content += member.decompress(data)
        require(member.eof, "it is cut")
        data = member.unused_data
    return content


def unxzed(data):
    """What stands before the first error, if there is one: the library's decoder holds it against its CRC-64 alone.

    None if the error comes first: that decoder does not look at the byte in front of each range coder.
    """
    decoder, content = lzma.LZMADecompressor(lzma.FORMAT_XZ), b""
    while not decoder.eof:
        try:
            content += decoder.decompress(data, max_length=64)
        except lzma.LZMAError:
            return content or None
        data = b""
        require(not decoder.needs_input, "it is cut")
    return content


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def plain(name):
    require(name != "" and not name.startswith("/") and ".." not in name.split("/"), f"name {name!r}")
    return posixpath.normpath(name)


def files_text(files):
    lines = [f"{json.dumps(name, ensure_ascii=False)} {digest(content)}" for name, content in files.items()]
    return "\n".join(sorted(lines, key=lambda line: line.encode("utf8", "surrogatepass")))


def tar(path):
    files = tar_files(path)
    return None if files is None else files_text(files)


def tar_files(path):
    packed = read_bytes(path)
    content = unxzed(packed) if path.endswith(".xz") else gunzipped(packed)
    if content is None:
        return None
    files = {}
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:", encoding="utf8", errors="replace") as archive:
        for member in archive:
            require(member.type in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE), "it is no file or folder")
            name = plain(member.name)
            if not member.isdir():
                require(name not in files, "a name occurs twice")
                files[name] = archive.extractfile(member).read()
    return files


def zip_archive(path):
    files = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            kind = stat.S_IFMT(entry.external_attr >> 16)
            require(kind in (0, stat.S_IFREG, stat.S_IFDIR), "it is no file or folder")
            name = plain(entry.filename)
            if entry.is_dir() or kind == stat.S_IFDIR:
                continue
            require(name not in files, "a name occurs twice")
            files[name] = archive.read(entry)
    return files_text(files)


BYTES = {"FloatStorage": 4, "DoubleStorage": 8, "LongStorage": 8, "IntStorage": 4, "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1}
Storage = collections.namedtuple("Storage", "kind data count")
Tensor = collections.namedtuple("Tensor", "storage offset shape strides")


class Module:
    def __setstate__(self, state):
        self.members = state


def first(value, *_):
    return value


def tensor(storage, offset, shape, strides, *_):
    require(isinstance(storage, Storage), "a tensor of no storage")
    return Tensor(storage, offset, shape, strides)


class Unpickler(pickle.Unpickler):
    def __init__(self, file, archive, root):
        super().__init__(file)
        self.archive, self.root = archive, root

    def find_class(self, module, name):
        if module == "__torch__" or module.startswith("__torch__."):
            return Module
        known = {("torch._utils", "_rebuild_tensor_v2"): tensor, ("torch._utils", "_rebuild_parameter"): first}
        known[("collections", "OrderedDict")] = collections.OrderedDict
        known.update({("torch.jit._pickle", f"build_{kind}list"): first for kind in ("int", "double", "bool", "tensor")})
        known.update({("torch", kind): kind for kind in BYTES})
        require((module, name) in known, f"it names {module}.{name}")
        return known[(module, name)]

    def persistent_load(self, reference):
        tag, kind, key, _, count = reference
        require(tag == "storage" and kind in BYTES, "no storage")
        data = self.archive.read(f"{self.root}data/{key}")
        require(len(data) == count * BYTES[kind], "bytes of a storage")
        return Storage(kind, data, count)


def torch(path):
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        require(len(set(names)) == len(names), "a name occurs twice")
        pickles = [name for name in names if re.fullmatch(r"[^/]+/data\.pkl", name)]
        require(len(pickles) == 1, f"{len(pickles)} pickles")
        root = pickles[0][: -len("data.pkl")]
        graph = Unpickler(io.BytesIO(archive.read(pickles[0])), archive, root).load()
    return text(list(tensors(graph, [])))


def tensors(value, path):
    if isinstance(value, Tensor):
        storage, offset, shape, strides = value
        if storage.kind in ("FloatStorage", "DoubleStorage"):
            yield ".".join(path), shape, floats(window(storage, offset, shape, strides))
        return
    members = getattr(value, "members", None) if isinstance(value, Module) else value
    if isinstance(members, dict):
        for key, member in members.items():
            if isinstance(key, str):
                yield from tensors(member, [*path, key])


def window(storage, offset, shape, strides):
    numbers = struct.unpack(f"<{storage.count}{'f' if storage.kind == 'FloatStorage' else 'd'}", storage.data)
    require(math.prod(shape) <= storage.count and len(shape) == len(strides), "a tensor that is larger than its storage")
    places = [offset]
    for length, stride in zip(shape, strides):
        places = [place + step * stride for place in places for step in range(length)]
    require(all(0 <= place < storage.count for place in places), "a tensor outside of its storage")
    return [numbers[place] for place in places]
