"""Writes networks as others keep them, with inputs and what they make of them: python write.py FOLDER."""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from networks import ResNet, Transformation, varied
from safetensors.torch import save_file
from torch import nn

FOLDER = Path(sys.argv[1])
ROWS, SIDE = 4, 33


class Extractor(nn.Module):
    """A backbone as it is published: its parameters are called model.*."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, images):
        return self.model(images)


class Combined(nn.Module):
    """What embeds by the old model and maps at once."""

    def __init__(self, old, side, transformation):
        super().__init__()
        self.old_model = old
        self.side_info_model = side
        self.transformation = transformation

    def forward(self, images):
        return self.transformation(self.old_model(images), self.side_info_model(images))


def rounded(network, dtype):
    """The network's state in a shorter type, and the network with the values that are left."""
    state = {name: value.to(dtype) if value.is_floating_point() else value for name, value in network.state_dict().items()}
    network.load_state_dict({name: value.float() if value.is_floating_point() else value for name, value in state.items()})
    return state


def tables():
    """Parquet files of the same vectors in the forms that programs choose; the file's name says which."""
    vectors = np.random.default_rng(1).standard_normal((300, 5)).astype(np.float32)
    wide = pa.table({f"c{i}": vectors[:, i] for i in range(5)})
    fixed = pa.table({"vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), 5)})
    lists = pa.table({"vector": pa.array(vectors.astype(np.float64).tolist(), pa.list_(pa.float64()))})
    names = []
    for name, table in (("wide", wide), ("fixed", fixed), ("lists", lists)):
        for compression in ("none", "snappy", "gzip", "zstd", "brotli", "lz4"):
            for version in ("1.0", "2.0"):
                for dictionary in (True, False):
                    file = f"{name}-{compression}-pages-{version}-{'dictionary' if dictionary else 'plain'}.parquet"
                    options = {"compression": compression, "data_page_version": version, "use_dictionary": dictionary}
                    pq.write_table(table, FOLDER / file, row_group_size=128, data_page_size=1024, **options)
                    names.append(file)
    (FOLDER / "tables.json").write_text(json.dumps(names))
    return torch.from_numpy(vectors)


def main():
    cases = []
    images = torch.randn(ROWS, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    vectors = {name: torch.randn(ROWS, size, generator=torch.Generator().manual_seed(size)) for name, size in (("old", 6), ("side", 5))}
    inputs = {"images": images.permute(0, 2, 3, 1).contiguous(), **vectors, "table": tables()}

    def case(name, role, network, save, part=None):
        file = FOLDER / name
        with torch.no_grad():
            output = network(images) if role != "transformation" else network(*(each[:, :, None, None] for each in vectors.values()))
        save(file)
        inputs[f"output.{name}"] = output.flatten(1).contiguous()
        cases.append({"name": name, "role": role, "part": part})

    plain = varied(ResNet(18, 12, width=8, classes=5), 1)
    case("state-dict.pt", "backbone", plain, lambda file: torch.save(plain.state_dict(), file))
    case("parallel.pt", "backbone", plain, lambda file: torch.save({f"module.{k}": v for k, v in plain.state_dict().items()}, file))
    case("scripted.pt", "side-information", plain, lambda file: torch.jit.save(torch.jit.script(Extractor(plain)), str(file)))
    case("traced.pt", "backbone", plain, lambda file: torch.jit.save(torch.jit.trace(Extractor(plain), images), str(file)))
    deep = varied(ResNet(50, 16, width=4, wide=2, stem="small"), 2)
    case("deep.safetensors", "backbone", deep, lambda file: save_file(deep.state_dict(), file))
    for name, dtype in (("half", torch.float16), ("brain", torch.bfloat16)):
        short = varied(ResNet(34, 8, width=4), 3)
        state = rounded(short, dtype)
        case(f"{name}.pt", "backbone", short, lambda file: torch.save(state, file))
        case(f"{name}.safetensors", "backbone", short, lambda file: save_file(state, file))
    h = varied(Transformation(6, 5, 7, 16), 4)
    case("h.pt", "transformation", h, lambda file: torch.save({"state_dict": {f"module.{k}": v for k, v in h.state_dict().items()}}, file))
    case("h-scripted.pt", "transformation", h, lambda file: torch.jit.save(torch.jit.script(h), str(file)))
    old, side = varied(ResNet(18, 6, width=4), 5), varied(ResNet(18, 5, width=4), 6)
    together = lambda file: torch.jit.save(torch.jit.script(Combined(old, side, h)), str(file))
    case("combined-old.pt", "backbone", old, together, "old_model.")
    case("combined-side.pt", "side-information", side, together, "side_info_model.")
    case("combined-h.pt", "transformation", h, together)
    save_file(inputs, FOLDER / "inputs.safetensors")
    (FOLDER / "cases.json").write_text(json.dumps(cases))


main()
