"""Makes rouge.golden.json: the ROUGE-1 of pairs of texts by the package rouge-score.

    python3 -m venv /tmp/rouge && /tmp/rouge/bin/pip install rouge-score==0.1.2
    /tmp/rouge/bin/python test/language/evaluation/make_golden.py            recomputes and rewrites the file
    /tmp/rouge/bin/python test/language/evaluation/make_golden.py --check    compares and writes nothing
"""

import argparse
import json
import random
from pathlib import Path

from rouge_score.rouge_scorer import RougeScorer

PATH = Path(__file__).with_name("rouge.golden.json")
BY_HAND = [
    ("the cat sat on the mat", "the cat lay on the mat"),
    ("", "a word"),
    ("a word", ""),
    ("...", "a word"),
    ("The THE the", "the"),
    ("don't you've 3.14 x_y naïve", "don t you ve 3 14 x y na ve"),
    ("one two", "three four"),
    ("same words here", "same words here"),
    ("İstanbul straße", "istanbul strasse stra e"),
]
WORDS = "the a cat dog sat on mat 12 it's film-maker good".split()


def cases():
    draw = random.Random(1)
    drawn = [
        tuple(" ".join(draw.choices(WORDS, k=draw.randrange(1, 14))) for _ in range(2)) for _ in range(30)
    ]
    scorer = RougeScorer(["rouge1"], use_stemmer=False)
    return [
        {"text": text, "reference": reference, "score": scorer.score(reference, text)["rouge1"].fmeasure}
        for text, reference in BY_HAND + drawn
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    found = cases()
    if parser.parse_args().check:
        raise SystemExit(0 if json.loads(PATH.read_text()) == found else f"{PATH.name} differs")
    PATH.write_text("[\n" + ",\n".join(json.dumps(case) for case in found) + "\n]\n")


if __name__ == "__main__":
    main()
