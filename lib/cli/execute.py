"""Executes one notebook without a browser, in the project's TypeScript kernel, and writes it and its HTML.

    python execute.py NOTEBOOK FOLDER

Outputs appear on the terminal as they come. FCT_IN_PLACE=1 writes into NOTEBOOK itself, its HTML to FOLDER. Exit status: 0 executed, 1 a cell failed, 130 interrupted.
"""

import asyncio
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

# Ctrl-C is no fault to be traced, also while modules are loaded, which takes seconds.
sys.excepthook = lambda kind, error, trace: kind is KeyboardInterrupt or sys.__excepthook__(kind, error, trace)

import nbformat  # noqa: E402
from jupyter_client import AsyncKernelManager  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from nbclient.exceptions import CellExecutionError, DeadKernelError  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent / "html"))
from export import write_pages, write_whole  # noqa: E402

KERNEL = "fct"
PARENT_POLL_SECONDS = 0.5
STARTUP_SECONDS = 180
SAVING_SECONDS = 120
SAME_INTERRUPT_SECONDS = 1
INTERRUPTED = 130
# Messages with a value, which is shown if text is its only form.
TEXTS = ("display_data", "update_display_data", "execute_result")

# Below the title of a notebook that is not executed in place, whose outputs may be of other data or another scale.
OWN_RUN = nbformat.v4.new_markdown_cell(
    "> **A run of your own.** The outputs are its; the text, with its numbers and verdicts, is of the committed results.",
    id="own-run",
)


class LiveClient(NotebookClient):
    """A notebook client that shows the kernel's output on the terminal while it runs."""

    overwritten = None

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        if msg["msg_type"] == "stream":
            self.show_line(content["text"])
        elif msg["msg_type"] in TEXTS and set(content["data"]) == {"text/plain"}:
            self.show_line(f"{content['data']['text/plain']}\n", content.get("transient", {}).get("display_id"))
        return super().process_message(msg, cell, cell_index)

    def show_line(self, text, display=None):
        """A line that overwrites itself is one display: in a terminal its next text takes the place of the last."""
        again = display is not None and display == self.overwritten and sys.stderr.isatty()
        show(f"\x1b[1A\x1b[K{text}" if again else text)
        self.overwritten = display


class Interrupts:
    """Ctrl-C: the first interrupts the running cell, which may save its state; a later one ends the kernel."""

    def __init__(self, manager):
        self.manager = manager
        self.first = None
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self)

    def __call__(self):
        now = time.monotonic()
        if self.first is None:
            self.first = now
            show("\ninterrupted: waiting for the running work to save its state (Ctrl-C again: do not wait)\n")
            self.stopping = asyncio.ensure_future(self.stop())
        elif now - self.first > SAME_INTERRUPT_SECONDS:
            self.ending = asyncio.ensure_future(self.end())

    async def stop(self):
        if self.manager.has_kernel:
            await self.manager.interrupt_kernel()
        await asyncio.sleep(SAVING_SECONDS)
        await self.end()

    async def end(self):
        if self.manager.has_kernel:
            await self.manager.signal_kernel(signal.SIGKILL)


async def execute(notebook, folder, failure):
    """Runs every code cell; returns the exit status. Why one failed is written to the file `failure`, in one line."""
    manager = AsyncKernelManager(kernel_name=KERNEL)
    interrupts = Interrupts(manager)
    try:
        await execute_in_kernel(notebook, folder, manager, interrupts)
    except (CellExecutionError, DeadKernelError, RuntimeError) as error:
        if interrupts.first is None:
            show(f"{failure_of(error)}\n")
            failure.parent.mkdir(parents=True, exist_ok=True)
            write_whole(failure, failure_of(error).strip().splitlines()[0].encode())
            return 1
    if interrupts.first is None:
        return 0
    show("stopped; the same command goes on from what is saved\n")
    return INTERRUPTED


async def execute_in_kernel(notebook, folder, manager, interrupts):
    """Starts the kernel, runs the cells in it and ends it, whatever happens."""
    await manager.start_kernel(cwd=str(folder))
    connection = manager.client()
    try:
        connection.start_channels()
        await connection.wait_for_ready(timeout=STARTUP_SECONDS)
        # Both sides have read the file with the key: it need not outlive them if they are killed.
        manager.cleanup_connection_file()
        client = LiveClient(notebook, km=manager, timeout=None, record_timing=False, coalesce_streams=True)
        client.kc = connection
        await execute_cells(client, notebook, interrupts)
    finally:
        connection.stop_channels()
        await manager.shutdown_kernel(now=interrupts.first is not None)


async def execute_cells(client, notebook, interrupts):
    """Runs the cells in order, then an empty one, which fails when work that no cell awaited has failed since."""
    client.reset_execution_trackers()
    reply = await client.async_wait_for_reply(client.kc.kernel_info())
    notebook.metadata["language_info"] = reply["content"]["language_info"]
    for index, cell in enumerate(notebook.cells):
        if interrupts.first is not None:
            return
        cell.metadata.pop("execution", None)
        try:
            await client.async_execute_cell(cell, index, execution_count=client.code_cells_executed + 1)
        except CellExecutionError as error:
            error.cell_number = index + 1
            raise
        except DeadKernelError as error:
            error.cell_number = index + 1
            error.status = await client.km.provisioner.poll()
            raise
    reply = await client.async_wait_for_reply(client.kc.execute("", store_history=False))
    if reply["content"]["status"] != "ok":
        raise CellExecutionError.from_cell_and_msg(nbformat.v4.new_code_cell("(work left running)"), reply["content"])


def failure_of(error):
    """Which cell failed and how, without the kernel's internals."""
    number = getattr(error, "cell_number", None)
    place = "after the last cell" if number is None else f"in cell {number}"
    if isinstance(error, DeadKernelError):
        return f"\nfailed {place}: {ending_of(getattr(error, 'status', None))}"
    if not isinstance(error, CellExecutionError):
        return f"the kernel did not start: {error}; npm run fct -- doctor says what is wrong"
    return f"\nfailed {place}: {error.ename}: {error.evalue}\n{error.traceback}"


def ending_of(status):
    """How a kernel ended, by its exit status: a negative one is the signal that killed it."""
    if status is None or status < 0:
        killer = "" if status is None else f" ({signal.Signals(-status).name})"
        return f"the kernel ended unexpectedly{killer}: out of memory, or a crash in native code (see above)"
    return f"the cell ended the kernel (exit code {status})"


def show(text):
    sys.stderr.write(text)
    sys.stderr.flush()


def write_results(notebook, folder, source):
    folder.mkdir(parents=True, exist_ok=True)
    in_place = os.environ.get("FCT_IN_PLACE") == "1"
    target = source if in_place else folder / source.name
    titled = notebook.cells[:1] and notebook.cells[0].cell_type == "markdown"
    if titled and not in_place and all(cell.get("id") != OWN_RUN.id for cell in notebook.cells):
        notebook.cells.insert(1, OWN_RUN)
    write_whole(target, f"{nbformat.writes(notebook)}\n".encode())
    try:
        write_pages(folder, [target])
    except (ValueError, OSError) as error:
        show(f"{error}; no HTML is written\n")


def end_with_parent():
    """The kernel in turn ends with this process."""
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(PARENT_POLL_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def read_notebook(source):
    """The notebook. Raises ValueError with a line that names the file if it is not one."""
    try:
        return nbformat.read(source, as_version=4)
    except OSError as error:
        raise ValueError(f"{source}: cannot be read ({error.strerror})") from error
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise ValueError(f"{source}: is not a notebook ({reason}); git checkout brings a committed one back") from error


def main():
    source, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    end_with_parent()
    os.environ.setdefault("FCT_PROGRESS", "terminal" if sys.stderr.isatty() else "log")
    failure = folder / f"{source.stem}.failure.txt"
    try:
        notebook = read_notebook(source)
        status = asyncio.run(execute(notebook, source.parent, failure))
        if status != INTERRUPTED:
            write_results(notebook, folder, source)
    except ValueError as error:
        return refuse(error, failure)
    except OSError as error:
        return refuse(f"{error.filename or folder}: {error.strerror}; nothing was written there", failure)
    return status


def refuse(reason, failure):
    show(f"error: {reason}\n")
    with suppress(OSError):
        failure.parent.mkdir(parents=True, exist_ok=True)
        write_whole(failure, str(reason).encode())
    return 1


if __name__ == "__main__":
    sys.exit(main())
