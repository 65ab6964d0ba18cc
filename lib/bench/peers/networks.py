"""The networks of lib/nn in PyTorch."""

from torch import cat, nn
from torch.nn.functional import relu


def convolution(inputs, outputs, window, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, window, stride, window // 2, bias=False),
        nn.BatchNorm2d(outputs),
    )


class Block(nn.Module):
    """A residual block: two 3x3 convolutions, or a bottleneck."""

    def __init__(self, inputs, inner, outputs, stride, bottleneck):
        super().__init__()
        first = convolution(inputs, inner, 3, stride)
        layers = [first, convolution(inner, outputs, 3)]
        if bottleneck:
            layers = [convolution(inputs, inner, 1), convolution(inner, inner, 3, stride), convolution(inner, outputs, 1)]
        self.layers = nn.ModuleList(layers)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else convolution(inputs, outputs, 1, stride)

    def forward(self, x):
        y = x
        for index, layer in enumerate(self.layers):
            y = layer(y if index == 0 else relu(y, inplace=True))
        return relu(y.add_(self.shortcut(x)), inplace=True)


class ResNet(nn.Module):
    """A ResNet whose last block has `embedding` channels."""

    def __init__(self, depth, embedding=128):
        super().__init__()
        bottleneck = depth == 50
        counts = [3, 4, 6, 3] if bottleneck else [2, 2, 2, 2]
        self.stem = nn.Sequential(*convolution(3, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1))
        blocks, inputs = [], 64
        for stage, count in enumerate(counts):
            for index in range(count):
                channels = 64 * 2**stage
                last = stage == 3 and index == count - 1
                outputs = embedding if last else channels * (4 if bottleneck else 1)
                stride = 2 if stage > 0 and index == 0 else 1
                blocks.append(Block(inputs, channels if bottleneck else outputs, outputs, stride, bottleneck))
                inputs = outputs
        self.blocks = nn.Sequential(*blocks)

    def forward(self, images):
        return self.blocks(self.stem(images)).mean((2, 3))


def layer(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.ReLU(inplace=True))


class Transformation(nn.Module):
    """h: a branch for each input, then the mixer."""

    def __init__(self, dimensions, inner):
        super().__init__()
        wide = 2 * dimensions
        self.old = nn.Sequential(layer(dimensions, wide), layer(wide, wide))
        self.side = nn.Sequential(layer(dimensions, wide), layer(wide, wide))
        self.mixer = nn.Sequential(layer(2 * wide, inner), layer(inner, inner), nn.Linear(inner, dimensions))

    def forward(self, old, side):
        return self.mixer(cat([self.old(old), self.side(side)], 1))
