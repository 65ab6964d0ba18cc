"""Makes losses.golden.json, which fixes the losses and the schedule by PyTorch's numbers.

    python3 -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.13.0 numpy
    /tmp/torch/bin/python test/losses/make_golden.py            recomputes and rewrites the file
    /tmp/torch/bin/python test/losses/make_golden.py --check    compares, to 1e-6, and writes nothing
    /tmp/torch/bin/python test/losses/make_golden.py --draw 7   draws new inputs with that seed

Inputs are normal numbers, kept in the file, so that its values are the same for any generator.
Arrays are flat, row by row; everything but the schedule is computed in 32 bits.
"""

import argparse
import json
import math
from pathlib import Path

import torch
from torch.nn import functional as F

PATH = Path(__file__).with_name("losses.golden.json")


def drawn(seed):
    """New inputs: a batch of 6 items and 7 classes, 5 pairs of views."""
    generator = torch.Generator().manual_seed(seed)

    def normals(rows, columns):
        return torch.randn(rows * columns, generator=generator).tolist()

    return {
        "logits": normals(6, 7),
        "labels": torch.randint(7, (6,), generator=generator).tolist(),
        "classes": 7,
        "embeddings": normals(6, 5),
        "weights": normals(7, 5),
        "dim": 5,
        "z1": normals(5, 4),
        "z2": normals(5, 4),
        "zdim": 4,
        "gaussianNll": {"prediction": normals(6, 5), "target": normals(6, 5), "logVariance": normals(6, 1)},
    }


def rates(epochs, warmup, peak):
    """Linear warm-up, then half a cosine."""

    def rate(epoch):
        if epoch < warmup:
            return peak * (epoch + 1) / warmup
        return 0.5 * peak * (1 + math.cos(math.pi * (epoch - warmup) / (epochs - warmup)))

    return {"epochs": epochs, "warmup": warmup, "lr": peak, "values": [rate(epoch) for epoch in range(epochs)]}


def margin_loss(embeddings, weights, labels, scale, penalised):
    """Cross-entropy of scaled cosines, in which `penalised` replaces the cosine of the right class."""
    cosines = F.normalize(embeddings) @ F.normalize(weights).T
    right = F.one_hot(labels, weights.shape[0]).bool()
    return F.cross_entropy(scale * torch.where(right, penalised(cosines), cosines), labels)


def nt_xent(first, second, temperature):
    """SimCLR's loss: the other view is the right class among all other rows."""
    rows = F.normalize(torch.cat([first, second]))
    items = len(first)
    similarities = (rows @ rows.T / temperature).masked_fill(torch.eye(2 * items).bool(), -math.inf)
    partners = torch.arange(2 * items).roll(items)
    return F.cross_entropy(similarities, partners)


def gaussian_nll(prediction, target, log_variance, dim):
    """Mean of l exp(-s) / 2 + s / 2, with the mean squared error of each item as l."""
    s = torch.tensor(log_variance)
    squares = (torch.tensor(prediction) - torch.tensor(target)) ** 2
    losses = squares.view(-1, dim).mean(1)
    return {
        "prediction": prediction,
        "target": target,
        "logVariance": log_variance,
        "perSample": losses.tolist(),
        "value_half_l_exp_minus_s_plus_half_s": (0.5 * (losses * torch.exp(-s) + s)).mean().item(),
    }


def golden(inputs):
    """The whole file, from its inputs."""
    classes, dim, zdim = inputs["classes"], inputs["dim"], inputs["zdim"]
    logits = torch.tensor(inputs["logits"]).view(-1, classes)
    labels = torch.tensor(inputs["labels"])
    embeddings = torch.tensor(inputs["embeddings"]).view(-1, dim)
    weights = torch.tensor(inputs["weights"]).view(-1, dim)
    views = [torch.tensor(inputs[name]).view(-1, zdim) for name in ("z1", "z2")]
    nll = inputs["gaussianNll"]
    arcface = margin_loss(embeddings, weights, labels, 16, lambda cosines: torch.cos(torch.acos(cosines) + 0.5))
    cosface = margin_loss(embeddings, weights, labels, 16, lambda cosines: cosines - 0.35)
    return {
        "cosineLr": rates(epochs=20, warmup=5, peak=0.5),
        "logits": inputs["logits"],
        "labels": inputs["labels"],
        "classes": classes,
        "crossEntropy": F.cross_entropy(logits, labels).item(),
        "labelSmoothing0.1": F.cross_entropy(logits, labels, label_smoothing=0.1).item(),
        "embeddings": inputs["embeddings"],
        "weights": inputs["weights"],
        "dim": dim,
        "arcface_s16_m0.5": arcface.item(),
        "cosface_s16_m0.35": cosface.item(),
        "z1": inputs["z1"],
        "z2": inputs["z2"],
        "zdim": zdim,
        "ntXent_t0.5": nt_xent(*views, temperature=0.5).item(),
        "gaussianNll": gaussian_nll(nll["prediction"], nll["target"], nll["logVariance"], dim),
    }


def numbers(value):
    """Every number in a value, with its keys, in order."""
    if isinstance(value, dict):
        return [(f"{key}.{rest}", number) for key in value for rest, number in numbers(value[key])]
    if isinstance(value, list):
        return [(f"{index}.{rest}", number) for index, item in enumerate(value) for rest, number in numbers(item)]
    return [("", value)]


def check(made, committed):
    """Exits with an error unless both have the same keys in the same order, and values within 1e-6."""
    pairs = list(zip(numbers(made), numbers(committed), strict=True))
    wrong = [(a, b) for a, b in pairs if a[0] != b[0] or not math.isclose(a[1], b[1], rel_tol=1e-6, abs_tol=1e-6)]
    if wrong:
        raise SystemExit(f"{len(wrong)} of {len(pairs)} numbers differ, the first: {wrong[0]}")
    print(f"{len(pairs)} numbers agree")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed file, write nothing")
    parser.add_argument("--draw", type=int, metavar="SEED", help="draw new inputs instead of keeping the committed")
    options = parser.parse_args()
    committed = json.loads(PATH.read_text()) if PATH.exists() else None
    made = golden(committed if options.draw is None else drawn(options.draw))
    if options.check:
        check(made, committed)
    else:
        PATH.write_text(json.dumps(made))
