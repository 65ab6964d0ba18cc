"""Writes closed-form.golden.json: linear maps between two small sets of embeddings, by NumPy and SciPy alone.

python closed-form.py > closed-form.golden.json
"""

import json

import numpy as np
from scipy.linalg import orthogonal_procrustes

rng = np.random.default_rng(7)


def case(rows, inputs, outputs):
    x = rng.normal(size=(rows, inputs)) * np.linspace(0.2, 3, inputs) + 5
    y = x @ rng.normal(size=(inputs, outputs)) + rng.normal(size=(rows, outputs)) - 2
    x, y = x.astype(np.float32).astype(np.float64), y.astype(np.float32).astype(np.float64)
    a, b = x - x.mean(0), y - y.mean(0)
    found = {"rows": rows, "inputs": inputs, "outputs": outputs, "x": x.ravel().tolist(), "y": y.ravel().tolist()}
    strength = 1e-3
    regular = a.T @ a + strength * np.trace(a.T @ a) / inputs * np.eye(inputs)
    ridge = np.linalg.solve(regular, a.T @ b)
    found["ridge"] = {"strength": strength, "map": ridge.ravel().tolist()}
    u, s, vt = np.linalg.svd(a.T @ b, full_matrices=False)
    rotated = a @ u @ vt
    similarity = (rotated * b).sum() / (rotated**2).sum() * (u @ vt)
    found["procrustes"] = similarity.ravel().tolist()
    if inputs == outputs:
        rotation, total = orthogonal_procrustes(a, b)
        assert np.allclose(total / (a**2).sum() * rotation, similarity)
    _, _, directions = np.linalg.svd(a @ ridge, full_matrices=False)
    found["rank"] = 2
    found["reducedRank"] = (ridge @ directions[:2].T @ directions[:2]).ravel().tolist()
    found["error"] = float(((a @ ridge - b) ** 2).mean())
    return found


print(json.dumps([case(30, 4, 4), case(25, 5, 3), case(25, 3, 5)]))
