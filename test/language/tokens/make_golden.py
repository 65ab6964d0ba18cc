"""Makes byte-pairs.golden.json: texts as tokens, by the library `tokenizers` and data/language-merges.json.

    python3 -m venv /tmp/tokens && /tmp/tokens/bin/pip install tokenizers==0.23.3
    /tmp/tokens/bin/python test/language/tokens/make_golden.py            recomputes and rewrites the file
    /tmp/tokens/bin/python test/language/tokens/make_golden.py --check    compares and writes nothing
"""

import argparse
import json
import random
import sys
import zipfile
from pathlib import Path

PATH = Path(__file__).with_name("byte-pairs.golden.json")
DATA = Path(__file__).parents[3] / "data"
sys.path.insert(0, str(DATA))

from make_merges import byte_characters, byte_pair_tokenizer  # noqa: E402

BY_HAND = [
    "",
    " ",
    "a",
    "the movie is neither subjective nor objective .",
    "12 + 345 = 357\n#### 357",
    "  two spaces, a\ttab \n\n and   an end  ",
    "Grüße, naïve café: 你好 мир 🙂 e\u0301 \u00a0\u2003x\ufeff",
    "x" * 150 + " " * 150 + "." * 150 + "9" * 20,
    "don't   won't'll",
    "\u0000\u0001 control\u007f",
    " \n \n",
]


def texts():
    """The texts by hand, cuts of the archive's texts, and characters at random."""
    draw = random.Random(1)
    cuts = []
    with zipfile.ZipFile(DATA / "language-texts.zip") as archive:
        names = sorted(archive.namelist())
        for name in draw.sample(names, 25):
            content = archive.read(name).decode("utf-8")
            start = draw.randrange(max(1, len(content) - 200))
            cuts.append(content[start : start + 200])
    alphabets = ["the and ", "ab 1\n", "éüß 你好\u3000", "🙂'.,- \t", "".join(map(chr, range(0x20, 0x180)))]
    noise = ["".join(draw.choices(alphabet, k=60)) for alphabet in alphabets for _ in range(4)]
    return BY_HAND + cuts + noise


def golden():
    characters = byte_characters()
    written = [None] + [characters[byte] for byte in range(256)]
    merges = []
    for left, right in json.loads((DATA / "language-merges.json").read_text())["merges"]:
        merges.append((written[left], written[right]))
        written.append(written[left] + written[right])
    numbers = {token: number for number, token in enumerate(written) if token is not None}
    tokenizer = byte_pair_tokenizer(vocab=numbers, merges=merges)
    return [{"text": text, "tokens": tokenizer.encode(text).ids} for text in texts()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    cases = golden()
    if parser.parse_args().check:
        raise SystemExit(0 if json.loads(PATH.read_text()) == cases else f"{PATH.name} differs")
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    PATH.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
