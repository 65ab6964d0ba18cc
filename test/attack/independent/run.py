"""Reads accepted inputs anew, by the standard library alone and by none of the project's code.

Usage: python3 run.py TARGET FILES.json, where the JSON gives the path of each input by its number.
Prints what is read of each as JSON, in the words of test/attack/targets: "refused: ..." if it may
not be read, null if this reader cannot tell.
"""

import json
import sys

import archives
import arrays
import datasets
import records
import tables
import texts

READERS = {
    "npy": arrays.npy_matrix,
    "labels": arrays.labels,
    "safetensors": arrays.weights,
    "csv": tables.csv_matrix,
    "npz": tables.npz,
    "parquet": tables.unknown,
    "card": records.card,
    "adapter": arrays.linear_map,
    "import": tables.unknown,
    "artifact": arrays.artifact,
    "idx": datasets.fashion_mnist,
    "cifar": datasets.cifar,
    "tiny-imagenet": datasets.tiny_imagenet,
    "uc-merced": datasets.uc_merced,
    "lfw": datasets.lfw,
    "image": datasets.image,
    "colours": datasets.colours,
    "tar": archives.tar,
    "zip": archives.zip_archive,
    "texts": texts.texts,
    "merges": texts.merges,
    "torch": archives.torch,
    "pickle": archives.torch,
    "result": records.result,
    "bench": records.bench,
    "checksums": records.checksums,
    "making": records.making,
    "stamp": records.stamp,
    "progress": records.progress,
}


def read(reader, path):
    try:
        return reader(path)
    except RecursionError:
        return "refused: it nests too deeply"
    except Exception as error:  # whatever a reader throws is a refusal
        return f"refused: {type(error).__name__}: {error}"


def main():
    target, listing = sys.argv[1:]
    with open(listing, encoding="utf8") as file:
        paths = json.load(file)
    found = {number: read(READERS[target], path) for number, path in paths.items()}
    json.dump(found, sys.stdout)


main()
