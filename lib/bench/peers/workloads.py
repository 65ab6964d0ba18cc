"""The peers' workloads by name. Each function sets up, warms up and returns what does one round."""

import os
import time

import numpy as np

CORES = os.cpu_count()
CLASSES = 242
CLASS_SIZE = 50
DIMENSIONS = 128


def run_as(model, bits, mode):
    """The model as it is run: in 16 bits by autocast, as written, compiled, or compiled with constant weights."""
    import torch

    torch.set_num_threads(CORES)
    if mode == "frozen":
        import torch._inductor.config

        torch._inductor.config.freezing = True
    run = model if mode == "eager" else torch.compile(model)

    def forward(*inputs):
        with torch.autocast("cpu", torch.bfloat16, enabled=bits == 16):
            return run(*inputs)

    return forward


def training_step(depth, side, batch, steps, bits, mode):
    import torch
    from networks import ResNet

    model = torch.nn.Sequential(ResNet(depth), torch.nn.Linear(128, CLASSES, bias=False))
    model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), 0.01, 0.875, weight_decay=2**-15, foreach=False, fused=True)
    images = torch.rand(batch, 3, side, side).to(memory_format=torch.channels_last)
    labels = torch.randint(0, CLASSES, (batch,))
    forward = run_as(model, bits, mode)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(forward(images).float(), labels, label_smoothing=0.1)
        loss.backward()
        optimizer.step()
        return loss.item()

    return repeated(step, steps, batch)


def embedding(depth, side, images, bits=32, mode="eager"):
    import torch
    from networks import ResNet

    forward = run_as(ResNet(depth).eval().to(memory_format=torch.channels_last), bits, mode)
    size = min(images, 256)
    stored = torch.randint(0, 256, (images, side, side, 3), dtype=torch.uint8)

    # Weights become constants only where nothing records gradients; compiling knows no inference mode.
    @torch.no_grad()
    def work():
        parts = []
        for first in range(0, images, size):
            # Bytes in rows of pixels are channels last already.
            batch = stored[first : first + size].permute(0, 3, 1, 2).float().sub_(127).div_(64)
            parts.append(forward(batch).float())
        torch.cat(parts).numpy()
        return {"units": images}

    work()
    return work


def transformation_step(inner, batch, steps, bits=32, mode="eager"):
    import torch
    from networks import Transformation

    h = Transformation(DIMENSIONS, inner)
    optimizer = torch.optim.Adam(h.parameters(), 5e-4, weight_decay=2**-15, fused=True)
    old, side, target = (torch.rand(batch, DIMENSIONS) for _ in range(3))
    forward = run_as(h, bits, mode)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.mse_loss(forward(old, side).float(), target)
        loss.backward()
        optimizer.step()
        return loss.item()

    return repeated(step, steps, batch)


def decoder_step(width, depth, heads, context, batch, steps, bits=32, mode="eager"):
    import torch
    from networks import Decoder

    vocabulary = 2048
    model = Decoder(vocabulary, context, width, depth, heads)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
    tokens, targets = (torch.randint(0, vocabulary, (batch, context)) for _ in range(2))
    forward = run_as(model, bits, mode)

    def step():
        optimizer.zero_grad(set_to_none=True)
        logits = forward(tokens).float()
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        loss.backward()
        optimizer.step()
        return loss.item()

    return repeated(step, steps, batch * context)


def transformation_table(images=32, passes=80, models=3):
    backbone = embedding(50, 224, images)
    h = transformation_step(2048, 1024, 2)

    def seconds_per_unit(work):
        started = time.perf_counter()
        units = work()["units"]
        return (time.perf_counter() - started) / units

    def work():
        return {"units": images, "seconds": images * passes * (models * seconds_per_unit(backbone) + seconds_per_unit(h))}

    return work


def repeated(step, steps, batch):
    step()
    step()

    def work():
        for _ in range(steps):
            step()
        return {"units": steps * batch}

    return work


def class_rows(items):
    draw = np.random.default_rng(0)
    labels = np.arange(items) // CLASS_SIZE
    centres = draw.uniform(-1, 1, (labels[-1] + 1, DIMENSIONS))
    rows = centres[labels] + 2 * draw.uniform(-1, 1, (items, DIMENSIONS))
    return rows.astype(np.float32), labels


def naive_retrieval(items, queries):
    """Distances of a block of queries to all items, a full sort for CMC, scikit-learn for average precision."""
    from sklearn.metrics import average_precision_score

    rows, labels = class_rows(items)
    squares = (rows**2).sum(1)
    order = np.random.default_rng(1).permutation(items)[:queries]

    def work():
        top1, top5, precisions = 0, 0, []
        distances = squares[order, None] + squares - 2 * rows[order] @ rows.T
        distances[np.arange(queries), order] = np.inf
        ranked = np.argsort(distances, axis=1, kind="stable")
        for index, query in enumerate(order):
            matches = labels[ranked[index]] == labels[query]
            top1 += matches[0]
            top5 += matches[:5].any()
            relevant = np.delete(labels == labels[query], query)
            precisions.append(average_precision_score(relevant, -np.delete(distances[index], query)))
        return {"units": queries, "top1": top1 / queries, "top5": top5 / queries, "mAP": float(np.mean(precisions))}

    return work


def faiss_search(items, k):
    import faiss

    faiss.omp_set_num_threads(CORES)
    rows, _ = class_rows(items)
    index = faiss.IndexFlatL2(DIMENSIONS)
    index.add(rows)
    index.search(rows[:1000], k)

    def work():
        index.search(rows, k)
        return {"units": items}

    return work


WORKLOADS = {
    work.__name__: work
    for work in (
        training_step,
        embedding,
        transformation_step,
        decoder_step,
        transformation_table,
        naive_retrieval,
        faiss_search,
    )
}
