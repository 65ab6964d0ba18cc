"""Makes autocast.json: what PyTorch computes under autocast to bfloat16, and in 64 bits.

    pip install torch==2.13.0
    python3 test/oracles/make_resnet_oracle.py
    python3 test/oracles/make_autocast_oracle.py

"deep" is the ResNet-18 of make_resnet_oracle.py with the same steps; its course in 64 bits is in
resnet18.json. "shallow" is a network of two convolutions, whose weights are formulas too, and in
which rounding grows less. Weights are 32-bit floats throughout. Autocast computes convolutions and
the classifier in bfloat16 and, other than this library, leaves what lies between them in bfloat16:
normalisation reads and writes it, and shortcuts add in it.
"""

import json
from pathlib import Path

import torch
from make_resnet_oracle import BATCH, PROBES, SGD, STEPS, ResNet18, labels_of, pixels
from torch import nn
from torch.nn import functional

HERE = Path(__file__).parent
SHALLOW_BATCH, SHALLOW_STEPS = 16, 10


class Shallow(nn.Module):
    """Two normalised 3x3 convolutions, the second with stride 2, then the mean of all pixels."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, 3, 2, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(16)
        self.fc = nn.Linear(16, 6, bias=False)
        for index, layer in enumerate([self.conv1, self.conv2, self.fc]):
            layer.weight = nn.Parameter(formula(index, layer.weight.shape))

    def embed(self, images):
        x = functional.relu(self.bn1(self.conv1(images)))
        return functional.relu(self.bn2(self.conv2(x))).mean((2, 3))


def formula(index, shape):
    """Weight i of a layer, in rows of [side, side, inputs, outputs], in [-0.5, 0.5)."""
    order = (2, 3, 1, 0) if len(shape) == 4 else (1, 0)
    own = [shape[axis] for axis in order]
    i = torch.arange(torch.Size(own).numel(), dtype=torch.int64)
    values = ((31 * i * i + 17 * i + 7919 * index) % 1009).double() / 1009 - 0.5
    back = [order.index(axis) for axis in range(len(shape))]
    return values.float().reshape(own).permute(back).contiguous()


def course(model, batch, steps, precision):
    """Losses, and embeddings of the probe in evaluation mode before and after each step."""
    model = model.to(torch.float64 if precision is None else torch.float32)
    kind = next(model.parameters()).dtype

    def autocast():
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision is not None)

    def probe():
        model.eval()
        with torch.no_grad(), autocast():
            embeddings = model.embed(pixels(0, PROBES).to(kind))
        model.train()
        return embeddings.double().flatten().tolist()

    embeddings, losses = [probe()], []
    optimizer = torch.optim.SGD(
        model.parameters(), lr=SGD["lr"], momentum=SGD["momentum"], weight_decay=SGD["weightDecay"]
    )
    for step in range(1, steps + 1):
        with autocast():
            logits = model.fc(model.embed(pixels(step, batch).to(kind)))
            loss = functional.cross_entropy(logits, labels_of(step, batch), label_smoothing=SGD["labelSmoothing"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        embeddings.append(probe())
    return {"losses": losses, "embeddings": [[float(f"{value:.7g}") for value in row] for row in embeddings]}


def main():
    deep = ResNet18()
    deep.load_state_dict(torch.load(HERE / "resnet18.pt"))
    result = {
        "deep": {"batch": BATCH, "autocast": course(deep, BATCH, STEPS, "bfloat16")},
        "shallow": {
            "batch": SHALLOW_BATCH,
            "autocast": course(Shallow(), SHALLOW_BATCH, SHALLOW_STEPS, "bfloat16"),
            "exact": course(Shallow(), SHALLOW_BATCH, SHALLOW_STEPS, None),
        },
    }
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in result.items())
    (HERE / "autocast.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
