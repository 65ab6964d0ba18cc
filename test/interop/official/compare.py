"""Compares what this library exported with what it computes itself: python compare.py FOLDER."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from networks import ResNet, Transformation
from safetensors.torch import load_file

FOLDER = Path(sys.argv[1])
TOLERANCE = 1e-4


def with_official_names(case):
    """The embeddings by a network of the official code that takes all of the file, and nothing else."""
    network = (ResNet if case["kind"] == "backbone" else Transformation)(**case["sizes"]).eval()
    network.load_state_dict(load_file(FOLDER / f"{case['name']}.official.safetensors"), strict=True)
    with torch.no_grad():
        return network(*(torch.from_numpy(each) for each in inputs_of(case, planes=True))).flatten(1).numpy()


def with_onnx(case):
    """The embeddings by ONNX's own runtime."""
    session = onnxruntime.InferenceSession(FOLDER / f"{case['name']}.onnx", providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    return session.run(None, dict(zip(names, inputs_of(case, planes=False), strict=True)))[0]


def inputs_of(case, planes):
    inputs = load_file(FOLDER / f"{case['name']}.inputs.safetensors")
    if case["kind"] == "backbone":
        return [inputs["images"].permute(0, 3, 1, 2).contiguous().numpy()]
    vectors = [inputs[name].numpy() for name in case["inputs"]]
    return [each[:, :, None, None] for each in vectors] if planes else vectors


def main():
    failed = 0
    for case in json.loads((FOLDER / "exported.json").read_text()):
        expected = load_file(FOLDER / f"{case['name']}.inputs.safetensors")["output"].numpy()
        for way in (with_official_names, with_onnx) if case["official"] else (with_onnx,):
            found = way(case)
            if found.shape != expected.shape:
                raise SystemExit(f"{case['name']}: {found.shape} instead of {expected.shape}")
            # Embeddings of networks that were not trained may be large.
            size = max(1.0, float(np.abs(expected).max()))
            apart = float(np.abs(found - expected).max()) / size
            failed += not apart < TOLERANCE
            label = "PyTorch, strict" if way is with_official_names else "ONNX"
            print(f"{'ok  ' if apart < TOLERANCE else 'FAIL'} {case['name']}, {label}: {apart:.1e} apart, of at most {size:.2g}", flush=True)
    raise SystemExit(1 if failed else 0)


main()
