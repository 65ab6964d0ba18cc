"""Makes language-merges.json, the byte-pair merges of the language models, from language-texts.zip.

    python3 -m venv /tmp/tokens && /tmp/tokens/bin/pip install tokenizers==0.23.3
    /tmp/tokens/bin/python data/make_merges.py            trains the merges and rewrites the file
    /tmp/tokens/bin/python data/make_merges.py --check    trains them, compares, and writes nothing

A token is a number: 0 ends a text, 1 to 256 are the bytes 0 to 255, and token 257 + i stands for the pair
of tokens merges[i]. Text is first cut into words by PATTERN, which lib/language/tokens repeats.
"""

import argparse
import json
import zipfile
from pathlib import Path

from tokenizers import Regex, Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split
from tokenizers.trainers import BpeTrainer

FOLDER = Path(__file__).parent
PATH = FOLDER / "language-merges.json"
VOCABULARY = 2048
PATTERN = (
    r" ?\p{L}{1,64}| ?\p{N}| ?[^\p{White_Space}\p{L}\p{N}]{1,64}"
    r"|\p{White_Space}{1,64}(?!\P{White_Space})|\p{White_Space}{1,64}"
)


def texts():
    """Every text of the archive in the order of names; of GSM8K the training questions and answers."""
    with zipfile.ZipFile(FOLDER / "language-texts.zip") as archive:
        for name in sorted(archive.namelist()):
            content = archive.read(name).decode("utf-8")
            if name.endswith("train.jsonl"):
                for line in content.splitlines():
                    yield "\n".join(json.loads(line).values())
            elif "gsm8k" not in name and "README" not in name:
                yield content


def byte_characters():
    """The character by which `tokenizers` writes each byte."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in kept]
    characters = {byte: chr(byte) for byte in kept}
    return characters | {byte: chr(256 + i) for i, byte in enumerate(others)}


def byte_pair_tokenizer(**model):
    """A tokenizer of bytes, in words cut by PATTERN."""
    tokenizer = Tokenizer(BPE(**model))
    words = Split(Regex(PATTERN), behavior="isolated")
    tokenizer.pre_tokenizer = Sequence([words, ByteLevel(add_prefix_space=False, use_regex=False)])
    return tokenizer


def trained_merges():
    """The merges, each a pair of tokens."""
    tokenizer = byte_pair_tokenizer()
    characters = byte_characters()
    trainer = BpeTrainer(
        vocab_size=VOCABULARY - 1, initial_alphabet=sorted(characters.values()), show_progress=False
    )
    tokenizer.train_from_iterator(texts(), trainer)
    numbers = {character: 1 + byte for byte, character in characters.items()}
    merges = []
    for left, right in json.loads(tokenizer.to_str())["model"]["merges"]:
        merges.append([numbers[left], numbers[right]])
        numbers[left + right] = 256 + len(merges)
    return merges


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    merges = trained_merges()
    if parser.parse_args().check:
        same = json.loads(PATH.read_text())["merges"] == merges
        raise SystemExit(0 if same else f"{PATH.name} differs from the merges just trained")
    PATH.write_text(json.dumps({"merges": merges}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
