"""Makes resnet18.pt and resnet18.json: a small ResNet-18 of PyTorch, and what it computes.

    pip install torch==2.13.0
    python3 test/oracles/make_resnet_oracle.py

The weights are 32-bit floats, a state_dict with torchvision's names. Everything in the JSON is
computed in 64 bits from them: embeddings of the probe in evaluation mode, before training and after
each step of SGD, the losses of the steps, and the running statistics of bn1 at the end. Images and
labels are formulas of whole numbers (`pixels`, `labels_of`), so that they need not be stored.
"""

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

HERE = Path(__file__).parent
WIDTH, EMBEDDING, CLASSES, SIDE = 4, 16, 6, 64
PROBES, BATCH, STEPS = 4, 8, 3
SGD = {"lr": 0.05, "momentum": 0.875, "weightDecay": 3.0517578125e-05, "labelSmoothing": 0.1}


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut, as torchvision's BasicBlock."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        shortcut = x if self.downsample is None else self.downsample(x)
        return functional.relu(self.bn2(self.conv2(y)) + shortcut)


class ResNet18(nn.Module):
    """The last block has EMBEDDING channels; the classifier has no bias."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTH, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTH)
        sizes = [WIDTH, 2 * WIDTH, 4 * WIDTH, 8 * WIDTH]
        inputs = WIDTH
        for stage, size in enumerate(sizes, start=1):
            last = EMBEDDING if stage == 4 else size
            stride = 1 if stage == 1 else 2
            setattr(self, f"layer{stage}", nn.Sequential(Block(inputs, size, stride), Block(size, last, 1)))
            inputs = last
        self.fc = nn.Linear(EMBEDDING, CLASSES, bias=False)

    def embed(self, images):
        x = functional.max_pool2d(functional.relu(self.bn1(self.conv1(images))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return x.mean((2, 3))


def pixels(batch, count):
    """Images [count, 3, SIDE, SIDE]; value i of the batch, in rows of [SIDE, SIDE, 3], in [-1, 1)."""
    i = torch.arange(count * SIDE * SIDE * 3, dtype=torch.int64)
    remainders = (i * i + 7919 * i + 104729 * batch) % 10007
    values = (2 * remainders.double() / 10007 - 1).float().double()
    return values.reshape(count, SIDE, SIDE, 3).permute(0, 3, 1, 2).contiguous()


def labels_of(batch, count):
    return torch.tensor([(5 * row + batch) % CLASSES for row in range(count)])


def varied(model):
    """Normalisations that are not identities."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)


def main():
    torch.manual_seed(7)
    model = ResNet18()
    varied(model)
    torch.save(model.state_dict(), HERE / "resnet18.pt")
    model = model.double()

    def probe():
        model.eval()
        with torch.no_grad():
            embeddings = model.embed(pixels(0, PROBES))
        model.train()
        return embeddings.flatten().tolist()

    embeddings, losses = [probe()], []
    optimizer = torch.optim.SGD(
        model.parameters(), lr=SGD["lr"], momentum=SGD["momentum"], weight_decay=SGD["weightDecay"]
    )
    for step in range(1, STEPS + 1):
        logits = model.fc(model.embed(pixels(step, BATCH)))
        loss = functional.cross_entropy(logits, labels_of(step, BATCH), label_smoothing=SGD["labelSmoothing"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        embeddings.append(probe())
    result = {
        "architecture": {"kind": "resnet", "depth": 18, "embedding": EMBEDDING, "width": WIDTH},
        "classes": CLASSES,
        "side": SIDE,
        "probes": PROBES,
        "batch": BATCH,
        "sgd": SGD,
        "losses": losses,
        "embeddings": embeddings,
        "mean": model.bn1.running_mean.tolist(),
        "variance": model.bn1.running_var.tolist(),
    }
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in result.items())
    (HERE / "resnet18.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
