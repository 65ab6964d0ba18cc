"""Makes decoder.golden.json and masked-distillation.golden.json by PyTorch.

    python3 -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.13.0 numpy
    /tmp/torch/bin/python test/language/make_golden.py            draws, computes and rewrites the files
    /tmp/torch/bin/python test/language/make_golden.py --check    compares, to 1e-6, and writes nothing

Arrays are flat, row by row, and rounded to 8 digits; matrices of linear layers are [input, output].
"""

import argparse
import json
from pathlib import Path

import torch
from torch.nn import functional as F

FOLDER = Path(__file__).parent
SIZES = {"vocabulary": 11, "context": 7, "width": 8, "depth": 2, "heads": 2}
ADAPTER = {"rank": 3, "alpha": 6}
MASKS = ["student-wrong", "old-right", "all", "none", "token-likelihood", "sequence-likelihood"]


def layers():
    """Names and shapes of all linear layers."""
    width = SIZES["width"]
    for block in range(SIZES["depth"]):
        for part in ("query", "key", "value", "output"):
            yield f"blocks.{block}.attention.{part}", width, width
        yield f"blocks.{block}.expand", width, 4 * width
        yield f"blocks.{block}.contract", 4 * width, width


def drawn_decoder(generator):
    """Weights, far larger than at the start of a training, so that every part matters."""
    width = SIZES["width"]

    def normal(*shape, scale=0.4, around=0.0):
        return around + scale * torch.randn(*shape, generator=generator)

    weights = {
        "tokens": normal(SIZES["vocabulary"], width, scale=0.7),
        "positions": normal(SIZES["context"], width),
    }
    for name, inputs, outputs in layers():
        weights[f"{name}.linear"] = normal(inputs, outputs)
        weights[f"{name}.bias"] = normal(outputs, scale=0.1)
    norms = [f"blocks.{block}.norm{i}" for block in range(SIZES["depth"]) for i in (1, 2)]
    for name in [*norms, "norm"]:
        weights[f"{name}.scale"] = normal(width, scale=0.2, around=1.0)
        weights[f"{name}.offset"] = normal(width, scale=0.1)
    adapter = {}
    for name, inputs, outputs in layers():
        adapter[f"{name}.down"] = normal(inputs, ADAPTER["rank"], scale=0.3)
        adapter[f"{name}.up"] = normal(ADAPTER["rank"], outputs, scale=0.3)
    return weights, adapter


def logits_of(weights, adapter, tokens):
    """Logits [batch, length, vocabulary] of a pre-norm decoder."""
    width, heads = SIZES["width"], SIZES["heads"]
    batch, length = tokens.shape

    def linear(name, x):
        y = F.linear(x, weights[f"{name}.linear"].T, weights[f"{name}.bias"])
        if adapter is None:
            return y
        low = F.linear(x, adapter[f"{name}.down"].T)
        return y + ADAPTER["alpha"] / ADAPTER["rank"] * F.linear(low, adapter[f"{name}.up"].T)

    def norm(name, x):
        return F.layer_norm(x, (width,), weights[f"{name}.scale"], weights[f"{name}.offset"], 1e-5)

    def split(x):
        return x.view(batch, length, heads, width // heads).transpose(1, 2)

    x = F.embedding(tokens, weights["tokens"]) + weights["positions"][:length]
    for block in range(SIZES["depth"]):
        name = f"blocks.{block}"
        y = norm(f"{name}.norm1", x)
        query, key, value = (split(linear(f"{name}.attention.{part}", y)) for part in ("query", "key", "value"))
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + linear(f"{name}.attention.output", mixed.transpose(1, 2).reshape(batch, length, width))
        y = F.gelu(linear(f"{name}.expand", norm(f"{name}.norm2", x)))
        x = x + linear(f"{name}.contract", y)
    return norm("norm", x) @ weights["tokens"].T


def weighted_loss(logits, targets, counts):
    """The mean cross-entropy of the tokens by their weights."""
    losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return (losses * counts.flatten()).sum() / counts.sum()


def decoder_golden():
    generator = torch.Generator().manual_seed(1)
    weights, adapter = drawn_decoder(generator)
    tokens = torch.randint(SIZES["vocabulary"], (3, 6), generator=generator)
    targets = torch.randint(SIZES["vocabulary"], (3, 6), generator=generator)
    counts = torch.tensor([[0.1] * 3 + [1.0] * 3, [0.1] * 2 + [1.0] * 2 + [0.0] * 2, [1.0] * 6])
    result = {
        "sizes": SIZES,
        "adapterSizes": ADAPTER,
        "batch": 3,
        "tokens": tokens.flatten().tolist(),
        "targets": targets.flatten().tolist(),
        "counts": listed(counts),
        "weights": {name: listed(value) for name, value in weights.items()},
        "adapter": {name: listed(value) for name, value in adapter.items()},
    }
    for kind, given, trained in (("plain", None, weights), ("adapted", adapter, adapter)):
        for tensor in [*weights.values(), *adapter.values()]:
            tensor.requires_grad_(any(tensor is other for other in trained.values()))
            tensor.grad = None
        logits = logits_of(weights, given, tokens)
        loss = weighted_loss(logits, targets, counts)
        loss.backward()
        result[kind] = {
            "logits": listed(logits),
            "loss": loss.item(),
            "gradients": {name: listed(tensor.grad) for name, tensor in trained.items()},
        }
    return result


def mask_of(mask, student, old, targets, counts):
    """1 where a token is learned from the old model: [texts, length]."""

    def likelihood(logits):
        return F.log_softmax(logits, -1).gather(-1, targets[..., None])[..., 0]

    if mask == "student-wrong":
        return (student.argmax(-1) != targets).float()
    if mask == "old-right":
        return (old.argmax(-1) == targets).float()
    if mask == "token-likelihood":
        return (likelihood(student) < likelihood(old)).float()
    if mask == "sequence-likelihood":
        texts = [(counts * likelihood(logits)).sum(1, keepdim=True) for logits in (student, old)]
        return (texts[0] < texts[1]).float().expand_as(targets)
    return torch.full(targets.shape, 1.0 if mask == "all" else 0.0)


def distillation_golden():
    generator = torch.Generator().manual_seed(2)
    texts, length, vocabulary = 4, 5, 6
    student, old, new = (2 * torch.randn(texts, length, vocabulary, generator=generator) for _ in range(3))
    targets = torch.randint(vocabulary, (texts, length), generator=generator)
    counts = torch.ones(texts, length)
    counts[1, 3:] = 0
    counts[:, 0] = 0.25
    cases = []
    for mask in MASKS:
        for temperature, share in ((2.0, 1.0), (1.0, 0.7)):
            logits = student.clone().requires_grad_()
            taken = mask_of(mask, logits.detach(), old, targets, counts)
            if mask not in ("all", "none"):
                assert 0 < taken.sum() < taken.numel(), mask

            def divergence(teacher):
                predicted = F.log_softmax(logits / temperature, -1)
                given = F.log_softmax(teacher / temperature, -1)
                return F.kl_div(predicted, given, reduction="none", log_target=True).sum(-1)

            losses = taken * divergence(old) + (1 - taken) * divergence(new)
            distilled = (losses * counts).sum() / counts.sum()
            loss = share * distilled + (1 - share) * weighted_loss(logits, targets, counts)
            loss.backward()
            cases.append(
                {
                    "mask": mask,
                    "temperature": temperature,
                    "share": share,
                    "loss": loss.item(),
                    "gradient": listed(logits.grad),
                }
            )
    return {
        "texts": texts,
        "length": length,
        "vocabulary": vocabulary,
        "student": listed(student),
        "old": listed(old),
        "next": listed(new),
        "targets": targets.flatten().tolist(),
        "weights": listed(counts),
        "cases": cases,
    }


def listed(tensor):
    return [float(f"{value:.8g}") for value in tensor.detach().flatten().tolist()]


def numbers_of(value):
    if isinstance(value, dict):
        return [number for key in sorted(value) for number in numbers_of(value[key])]
    if isinstance(value, list):
        return [number for item in value for number in numbers_of(item)]
    return [] if isinstance(value, str) else [value]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args().check
    for place, value in (
        ("language/decoder/decoder.golden.json", decoder_golden()),
        ("losses/masked-distillation.golden.json", distillation_golden()),
    ):
        path = FOLDER.parent / place
        if not check:
            path.write_text(json.dumps(value, separators=(",", ":")) + "\n")
            continue
        pairs = zip(numbers_of(json.loads(path.read_text())), numbers_of(value), strict=True)
        if any(abs(before - now) > 1e-6 * max(1, abs(now)) for before, now in pairs):
            raise SystemExit(f"{path.name} differs")


if __name__ == "__main__":
    main()
