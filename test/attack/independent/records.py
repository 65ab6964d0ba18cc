"""The project's own JSON files."""

import datetime
import decimal
import hashlib
import json
import math
import os
import re

from archives import read_bytes
from arrays import constant, require


def parsed(path):
    """Bytes that are not UTF-8 count as the sign of replacement."""
    return json.loads(read_bytes(path).decode("utf8", "replace"), parse_constant=constant)


def quoted(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def rounded(value):
    """To four decimals; halves away from zero, as toFixed does."""
    return decimal.Decimal(value).quantize(decimal.Decimal("0.0001"), decimal.ROUND_HALF_UP) + 0


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def result(path):
    table = parsed(path)
    seeds = table["seeds"]
    require(all(isinstance(seed, int) or float(seed).is_integer() for seed in seeds), "seeds")
    lines = [*(quoted(table[name]) for name in ("table", "scale", "title")), ",".join(str(int(seed)) for seed in seeds)]
    for row in table["rows"]:
        each = row["perSeed"]
        require(len(each) == len(seeds), "entries of seeds")
        for name in ("top1", "top5", "mAP"):
            values, mean = [entry[name] for entry in each], row["metrics"][name]["mean"]
            require(all(is_number(value) and 0 <= value <= 100 for value in [*values, mean]), f"{name} of {row['id']}")
            require(abs(sum(values) / len(values) - mean) <= 0.01, f"mean {name} of {row['id']}")
            require(row["metrics"][name]["n"] == len(each), f"n of {row['id']}")
        numbers = [f"{rounded(entry['mAP']):.4f}" for entry in each]
        lines.append(" ".join([quoted(row["id"]), quoted(row["label"]), *numbers, f"{rounded(row['metrics']['mAP']['mean']):.4f}"]))
    return "\n".join(lines)


def bench(path):
    return "\n".join(quoted([comparison["id"], comparison["unit"]]) for comparison in parsed(path)["comparisons"])


def checksums(path):
    entry = parsed(path)["a.zip"]
    content = read_bytes(os.path.join(os.path.dirname(path), "a.zip"))
    found = hashlib.sha256(content).hexdigest()
    require(entry["bytes"] == len(content) and entry["sha256"] == found, "bytes or checksum")
    return found


def number_text(value):
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        value = int(value)
    return re.sub(r"e([+-])0*(\d)", r"e\1\2", repr(value))


def making(path):
    record = parsed(path)
    label, date, seconds, environment = (record[name] for name in ("label", "date", "seconds", "environment"))
    require(isinstance(label, str) and isinstance(date, str) and is_number(seconds) and seconds >= 0, "label, date or seconds")
    require(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", date), "date")
    datetime.datetime.fromisoformat(date[:-1])
    texts = [environment[name] for name in ("node", "tensorflow", "platform", "device")]
    require(all(isinstance(value, str) for value in texts), "environment")
    require(environment["commit"] is None or isinstance(environment["commit"], str), "commit")
    require(all(is_number(environment[name]) for name in ("cores", "memoryGiB")), "cores or memory")
    return f"[{quoted(label)},{quoted(date)},{number_text(seconds)},{number_text(environment['cores'])}]"


def stamp(path):
    content = parsed(path)
    require(set(content) == {"files"}, "members")
    for file in content["files"]:
        require(set(file) == {"name", "bytes", "sha256"} and isinstance(file["name"], str), "members of a file")
        require(is_number(file["bytes"]), "bytes")
        require(isinstance(file["sha256"], str), "checksum")
    return f"Example is there already: /example, from {', '.join(file['name'] for file in content['files'])}"


def progress(path):
    record = parsed(path)
    require({"done", "identity", "written"} <= set(record) <= {"done", "identity", "written", "sha256"}, "members")
    done, identity = record["done"], record["identity"]
    require(is_number(done) and 0 <= done <= 8 and done == int(done), "done")
    require(all(set(part) == {"file", "sha256"} for part in identity.values()), "identity")
    require(identity["--old"]["sha256"] == hashlib.sha256(b"old").hexdigest(), "another input")
    require(record["written"] == hashlib.sha256(bytes(4 + 4 * int(done))).hexdigest(), "rows")
    return str(int(done))


def card(path):
    """The card of an adapter beside its weights."""
    found = parsed(path)
    sizes = found["sizes"]
    require(found["format"] == "fct adapter 1", "format")
    return f"[{quoted(found['kind'])},{quoted(found['direction'])},{number_text(sizes['from'])},{number_text(sizes['to'])}]"
