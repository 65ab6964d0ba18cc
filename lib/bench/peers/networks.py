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


class DecoderBlock(nn.Module):
    """A pre-norm block of causal attention and a GELU network."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.inputs, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.expand, self.contract = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, length, width = x.shape
        parts = self.inputs(self.norm1(x)).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = nn.functional.scaled_dot_product_attention(*parts, is_causal=True)
        x = x + self.output(mixed.transpose(1, 2).reshape(batch, length, width))
        return x + self.contract(nn.functional.gelu(self.expand(self.norm2(x))))


class Decoder(nn.Module):
    """A decoder-only transformer with learned positions and tied embeddings."""

    def __init__(self, vocabulary, context, width, depth, heads):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.Sequential(*(DecoderBlock(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        nn.init.normal_(self.tokens.weight, std=0.02)

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions.weight[: tokens.shape[1]]
        return self.norm(self.blocks(x)) @ self.tokens.weight.T
