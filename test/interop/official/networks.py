"""The official code's networks, stated again in its parameter names: what its state dicts are of."""

import torch
from torch import nn
from torch.nn.functional import relu

COUNTS = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3]}


def convolution(inputs, outputs, window, stride=1):
    return nn.Conv2d(inputs, outputs, window, stride, window // 2, bias=False)


def shortcut(inputs, outputs, stride):
    """None where the input is added as it is."""
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut."""

    def __init__(self, inputs, inner, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = convolution(inputs, inner, 3, stride), nn.BatchNorm2d(inner)
        self.conv2, self.bn2 = convolution(inner, outputs, 3), nn.BatchNorm2d(outputs)
        self.downsample = shortcut(inputs, outputs, stride)

    def forward(self, x):
        y = self.bn2(self.conv2(relu(self.bn1(self.conv1(x)))))
        return relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """Convolutions 1x1, 3x3 and 1x1 beside a shortcut."""

    def __init__(self, inputs, inner, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = convolution(inputs, inner, 1), nn.BatchNorm2d(inner)
        self.conv2, self.bn2 = convolution(inner, inner, 3, stride), nn.BatchNorm2d(inner)
        self.conv3, self.bn3 = convolution(inner, outputs, 1), nn.BatchNorm2d(outputs)
        self.downsample = shortcut(inputs, outputs, stride)

    def forward(self, x):
        y = relu(self.bn2(self.conv2(relu(self.bn1(self.conv1(x))))))
        return relu(self.bn3(self.conv3(y)) + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """The last block has `embedding` channels; the classifier, if there is one, is a 1x1 convolution."""

    def __init__(self, depth, embedding, width=64, wide=1, stem=None, classes=None):
        super().__init__()
        small = stem == "small"
        self.conv1 = convolution(3, width, 3 if small else 7, 2)
        self.bn1 = nn.BatchNorm2d(width)
        self.pool = nn.Identity() if small else nn.MaxPool2d(3, 2, 1)
        bottleneck = depth >= 50
        inputs = width
        for stage, count in enumerate(COUNTS[depth]):
            blocks = []
            for index in range(count):
                channels = width * 2**stage
                last = stage == 3 and index == count - 1
                outputs = embedding if last else channels * (4 if bottleneck else 1)
                stride = 2 if stage > 0 and index == 0 else 1
                blocks.append(
                    Bottleneck(inputs, channels * wide, outputs, stride)
                    if bottleneck
                    else Block(inputs, outputs, outputs, stride)
                )
                inputs = outputs
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        if classes is not None:
            self.fc = nn.Conv2d(embedding, classes, 1, bias=False)

    def forward(self, images):
        x = self.pool(relu(self.bn1(self.conv1(images))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return x.mean((2, 3), keepdim=True)


class Layer(nn.Module):
    """A 1x1 convolution, its normalisation and a ReLU."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.normalizer = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return relu(self.normalizer(self.conv(x)))


class Last(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x):
        return self.conv(x)


class Transformation(nn.Module):
    """h(old, side), each [rows, dimensions, 1, 1]."""

    def __init__(self, old, side, target, inner, layers=2):
        super().__init__()
        self.p1 = nn.Sequential(Layer(old, 2 * old), Layer(2 * old, 2 * target))
        self.p2 = nn.Sequential(Layer(side, 2 * side), Layer(2 * side, 2 * target))
        hidden = [Layer(4 * target if i == 0 else inner, inner) for i in range(layers)]
        self.mixer = nn.Sequential(*hidden, Last(inner if layers else 4 * target, target))

    def forward(self, old, side):
        return self.mixer(torch.cat([self.p1(old), self.p2(side)], 1))


def varied(network, seed):
    """The network in evaluation mode, with weights and normalisations by a seed."""
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values, low, high in (
                (module.weight, 0.5, 1.5),
                (module.bias, -0.2, 0.2),
                (module.running_mean, -0.2, 0.2),
                (module.running_var, 0.5, 1.5),
            ):
                values.data.uniform_(low, high, generator=generator)
        elif isinstance(module, nn.Conv2d):
            spread = (2 / module.weight[0].numel()) ** 0.5
            module.weight.data.normal_(0, spread, generator=generator)
            if module.bias is not None:
                module.bias.data.uniform_(-0.2, 0.2, generator=generator)
    return network.eval()
