"""Starts the notebooks' kernel, runs a cell that trains one step of a ResNet-18, and prints the seconds that took."""

import time

from jupyter_client.manager import start_new_kernel

CELL = """
import { resnetStep } from "../lib/dist/bench/workloads/resnet-step";
const work = await resnetStep({ depth: 18, side: 32, batch: 128, steps: 1 });
"""

started = time.perf_counter()
manager, client = start_new_kernel(kernel_name="fct")
try:
    reply = client.execute_interactive(CELL, timeout=120, output_hook=lambda message: None)
    seconds = time.perf_counter() - started
    if reply["content"]["status"] != "ok":
        raise SystemExit(f"the cell failed: {reply['content']}")
    print(seconds)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
