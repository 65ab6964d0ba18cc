"""Recomputes the golden vectors of the tests from the inputs in their files, and compares.

    pip install torch==2.13.0
    python3 test/oracles/recompute_goldens.py           # prints the largest difference of each file
    python3 test/oracles/recompute_goldens.py --write   # writes the results beside the inputs

Everything is computed in 64 bits from the inputs on file; some of the committed results were
computed in 32 bits. test/nn/r18-128.sgd.golden.json is not among them: it belongs to weights of
30 MB that are not in the repository.
"""

import json
import math
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

TESTS = Path(__file__).parent.parent
EPSILON = 1e-5


def tensor(values, *shape):
    values = torch.tensor(values, dtype=torch.float64)
    return values.reshape(shape) if shape else values


def inverted_residual(golden):
    """MobileNetV2's blocks in evaluation mode; weights and images have the channels last."""
    for block in golden:
        weights = block["weights"]

        def part(name, x, side, stride=1, groups=1):
            inputs, outputs = x.shape[1], len(weights[f"{name}.norm.scale"])
            filters = tensor(weights[f"{name}.convolution"], side, side, -1, outputs if groups == 1 else 1)
            order = (3, 2, 0, 1) if groups == 1 else (2, 3, 0, 1)
            y = functional.conv2d(x, filters.permute(order), None, stride, side // 2, 1, groups)
            scale, offset, mean, variance = (
                tensor(weights[f"{name}.norm.{of}"]) for of in ("scale", "offset", "mean", "variance")
            )
            return functional.batch_norm(y, mean, variance, scale, offset, False, 0, EPSILON)

        x = tensor(block["x"], block["batch"], block["side"], block["side"], block["input"]).permute(0, 3, 1, 2)
        wide = x if block["inner"] == block["input"] else functional.relu6(part("expand", x, 1))
        mixed = functional.relu6(part("depthwise", wide, 3, block["stride"], block["inner"]))
        y = part("project", mixed, 1)
        if block["stride"] == 1 and block["input"] == block["output"]:
            y = y + x
        y = y.permute(0, 2, 3, 1)
        yield block, "shape", list(y.shape)
        yield block, "y", y.flatten().tolist()


def vit(golden):
    """A pre-norm vision transformer with nn.MultiheadAttention, and gradients by its weights."""
    size = golden["architecture"]
    side, patch, width, embedding = (size[of] for of in ("side", "patch", "width", "embedding"))
    tokens = (side // patch) ** 2
    weights = {name: tensor(values).requires_grad_() for name, values in golden["weights"].items()}

    def affine(name, x):
        outputs = weights[f"{name}.bias"].numel()
        return x @ weights[f"{name}.linear"].reshape(-1, outputs) + weights[f"{name}.bias"]

    def norm(name, x):
        scale, offset = weights[f"{name}.scale"], weights[f"{name}.offset"]
        return functional.layer_norm(x, (width,), scale, offset, EPSILON)

    def attention(name, x):
        parts = [f"{name}.{part}" for part in ("query", "key", "value")]
        matrices = torch.cat([weights[f"{part}.linear"].reshape(width, width).T for part in parts])
        biases = torch.cat([weights[f"{part}.bias"] for part in parts])
        module = nn.MultiheadAttention(width, size["heads"], batch_first=True, dtype=torch.float64)
        output = weights[f"{name}.output.linear"].reshape(width, width).T
        given = {
            "in_proj_weight": matrices,
            "in_proj_bias": biases,
            "out_proj.weight": output,
            "out_proj.bias": weights[f"{name}.output.bias"],
        }
        return torch.func.functional_call(module, given, (x, x, x))[0]

    images = tensor(golden["images"], golden["batch"], side, side, 3).permute(0, 3, 1, 2)
    filters = weights["patches.convolution"].reshape(patch, patch, 3, width).permute(3, 2, 0, 1)
    x = functional.conv2d(images, filters, weights["patches.bias"], patch).flatten(2).transpose(1, 2)
    x = x + weights["positions"].reshape(tokens, width)
    for index in range(size["depth"]):
        block = f"blocks.{index}"
        x = x + attention(f"{block}.attention", norm(f"{block}.norm1", x))
        hidden = functional.gelu(affine(f"{block}.expand", norm(f"{block}.norm2", x)))
        x = x + affine(f"{block}.contract", hidden)
    embeddings = affine("head", norm("head.norm", x.mean(1)))
    (embeddings * tensor(golden["slopes"], golden["batch"], embedding)).sum().backward()
    yield golden, "embeddings", embeddings.flatten().tolist()
    for name, weight in weights.items():
        yield golden["gradients"], name, weight.grad.flatten().tolist()


def transformation(golden):
    """Steps of Adam on FCT's h: training mode first, then with the running statistics frozen."""
    dims, adam = golden["dims"], golden["adam"]
    state = {name: tensor(value["data"], *value["shape"]) for name, value in golden["start"].items()}
    trained = [name for name in state if "running" not in name]
    for name in trained:
        state[name].requires_grad_()

    def layer(name, x, training):
        weight = state[f"{name}.conv.weight"]
        y = x @ weight.reshape(weight.shape[:2]).T
        if f"{name}.conv.bias" in state:
            return y + state[f"{name}.conv.bias"]
        mean, variance, scale, offset = (
            state[f"{name}.normalizer.{of}"] for of in ("running_mean", "running_var", "weight", "bias")
        )
        return functional.relu(functional.batch_norm(y, mean, variance, scale, offset, training, 0.1, EPSILON))

    def h(given, training):
        left, right = tensor(given["old"], -1, dims["old"]), tensor(given["side"], -1, dims["side"])
        for index in (0, 1):
            left, right = layer(f"p1.{index}", left, training), layer(f"p2.{index}", right, training)
        x = torch.cat([left, right], 1)
        for index in (0, 1, 2):
            x = layer(f"mixer.{index}", x, training)
        return x

    optimizer = torch.optim.Adam(
        [state[name] for name in trained], lr=adam["lr"], eps=adam["eps"], weight_decay=adam["weightDecay"]
    )
    for step in golden["steps"]:
        output = h(step, step["mode"] == "train")
        loss = functional.mse_loss(output, tensor(step["target"], -1, dims["new"]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield step, "loss", loss.item()
    for name, value in state.items():
        yield golden["end"][name], "data", value.flatten().tolist()
    yield golden, "output", h(golden, False).flatten().tolist()


def losses(golden):
    labels, classes = torch.tensor(golden["labels"]), golden["classes"]
    logits = tensor(golden["logits"], -1, classes)
    yield golden, "crossEntropy", functional.cross_entropy(logits, labels).item()
    yield golden, "labelSmoothing0.1", functional.cross_entropy(logits, labels, label_smoothing=0.1).item()
    unit = functional.normalize(tensor(golden["embeddings"], -1, golden["dim"]))
    cosines = unit @ functional.normalize(tensor(golden["weights"], classes, golden["dim"])).T
    right = functional.one_hot(labels, classes).bool()
    arcface = torch.where(right, torch.cos(torch.acos(cosines) + 0.5), cosines)
    yield golden, "arcface_s16_m0.5", functional.cross_entropy(16 * arcface, labels).item()
    cosface = torch.where(right, cosines - 0.35, cosines)
    yield golden, "cosface_s16_m0.35", functional.cross_entropy(16 * cosface, labels).item()
    views = functional.normalize(tensor(golden["z1"] + golden["z2"], -1, golden["zdim"]))
    count = len(views)
    similarities = (views @ views.T / 0.5).masked_fill(torch.eye(count).bool(), -math.inf)
    partners = (torch.arange(count) + count // 2) % count
    yield golden, "ntXent_t0.5", functional.cross_entropy(similarities, partners).item()
    fastfill = golden["gaussianNll"]
    s = tensor(fastfill["logVariance"])
    errors = (tensor(fastfill["prediction"], len(s), -1) - tensor(fastfill["target"], len(s), -1)).square().mean(1)
    yield fastfill, "perSample", errors.tolist()
    yield fastfill, "value_half_l_exp_minus_s_plus_half_s", (errors * torch.exp(-s) / 2 + s / 2).mean().item()
    rate = golden["cosineLr"]
    rise, epochs = rate["warmup"], rate["epochs"]
    falls = [(1 + math.cos(math.pi * epoch / (epochs - rise))) / 2 for epoch in range(epochs - rise)]
    values = [rate["lr"] * share for share in [(epoch + 1) / rise for epoch in range(rise)] + falls]
    yield rate, "values", values


def retrieval(golden):
    """Item i excluded from query i; equal distances are one threshold, as in scikit-learn."""
    for case in golden:
        queries, gallery = (tensor(case[name], -1, case["dim"]) for name in ("queries", "gallery"))
        labels = torch.tensor(case["labels"])
        found = []
        for item, query in enumerate(queries):
            others = torch.arange(len(labels)) != item
            relevant = (labels == labels[item])[others]
            if not relevant.any():
                continue
            distances = (gallery[others] - query).square().sum(1)
            _, places, counts = torch.unique(distances, return_inverse=True, return_counts=True)
            hits = torch.bincount(places, relevant.double(), len(counts))
            precision = hits.cumsum(0) / counts.cumsum(0)
            order = relevant[distances.argsort()]
            average = (hits * precision).sum() / relevant.sum()
            found.append([average.item(), order[:1].any().item(), order[:5].any().item()])
        means = tensor(found).mean(0).tolist()
        expected = case["expected"]
        yield expected, "validQueries", len(found)
        for name, mean in zip(("mAP", "cmc1", "cmc5"), means):
            if name in expected:
                yield expected, name, mean


def difference(ours, committed):
    """The largest, absolute below 1 and relative above."""
    if isinstance(ours, list):
        if len(ours) != len(committed):
            return math.inf
        return max((difference(a, b) for a, b in zip(ours, committed)), default=0)
    return abs(ours - committed) / max(1, abs(committed))


def main():
    files = {
        "nn/inverted-residual.golden.json": inverted_residual,
        "nn/vit.golden.json": vit,
        "nn/transformation.golden.json": transformation,
        "losses/losses.golden.json": losses,
        "retrieval/retrieval.golden.json": retrieval,
    }
    for name, recompute in files.items():
        path = TESTS / name
        golden = json.loads(path.read_text())
        results = list(recompute(golden))
        print(f"{name}: {max(difference(value, place[key]) for place, key, value in results):.1e}")
        if "--write" in sys.argv[1:]:
            for place, key, value in results:
                place[key] = value
            path.write_text(json.dumps(golden))


main()
