"""Starts the notebooks' kernel and sends to its ports, as another local program might, what nobody signed.

Prints one line of JSON: what the victim's cells said, and what the kernel published meanwhile.
"""

import hmac
import json
import socket
import sys
import time
import uuid
from hashlib import sha256
from pathlib import Path

import zmq
from jupyter_client.manager import start_new_kernel

DELIMITER = b"<IDS|MSG>"
marker = Path(sys.argv[1])


def message(msg_type, content):
    header = {"msg_id": uuid.uuid4().hex, "session": "x", "username": "x", "version": "5.3", "msg_type": msg_type, "date": ""}
    return [json.dumps(part).encode() for part in (header, {}, {}, content)]


def signature(key, parts):
    return hmac.new(key, b"".join(parts), sha256).hexdigest().encode()


attack = message("execute_request", {"code": f'require("fs").writeFileSync({json.dumps(str(marker))}, "in");', "silent": False})
manager, client = start_new_kernel(kernel_name="fct")
published = []


def cell(code):
    outputs = []

    def hook(said):
        published.append(said)
        if said["msg_type"] in ("stream", "error", "display_data", "execute_result"):
            content = said["content"]
            outputs.append(content.get("text") or content.get("evalue") or content["data"].get("text/plain"))

    status = client.execute_interactive(code, timeout=60, output_hook=hook)["content"]["status"]
    return {"status": status, "outputs": outputs}


try:
    key = manager.session.key
    right = signature(key, attack)
    info = manager.get_connection_info()
    context = zmq.Context()
    overheard = context.socket(zmq.SUB)
    overheard.setsockopt(zmq.SUBSCRIBE, b"")
    overheard.connect(f"tcp://{info['ip']}:{info['iopub_port']}")
    time.sleep(0.5)
    cells = [cell("const one = 1;\none + 1")]
    replays = []
    while overheard.poll(200):
        replays.append(overheard.recv_multipart())

    garbage = [
        [b""],
        [b"no delimiter"],
        [DELIMITER],
        [DELIMITER, right],
        [DELIMITER, b"", *attack],
        [DELIMITER, b"0" * 64, *attack],
        [DELIMITER, right[:-1], *attack],
        [DELIMITER, signature(b"another key", attack), *attack],
        [DELIMITER, b"\xff" * 64, b"{", b"]", b"\x00", b"no JSON"],
        [DELIMITER, b"", b"{}", b"{}", b"{}", b"{}"],
        [DELIMITER, DELIMITER, DELIMITER, DELIMITER, DELIMITER, DELIMITER],
        *[frames[frames.index(DELIMITER) :] for frames in replays],
    ]
    for name in ("shell_port", "control_port", "stdin_port"):
        dealer = context.socket(zmq.DEALER)
        dealer.setsockopt(zmq.LINGER, 0)
        dealer.connect(f"tcp://{info['ip']}:{info[name]}")
        for frames in garbage:
            dealer.send_multipart(frames)
        assert not dealer.poll(300), "the kernel answered"
        dealer.close()
    for name in ("shell_port", "control_port", "iopub_port", "hb_port", "stdin_port"):
        with socket.create_connection((info["ip"], info[name])) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n" + bytes(range(256)) * 64)
    for _ in range(20):
        beat = context.socket(zmq.DEALER)
        beat.setsockopt(zmq.LINGER, 0)
        beat.connect(f"tcp://{info['ip']}:{info['hb_port']}")
        beat.send_multipart([b"", b"ping"])
        beat.close()
    time.sleep(1)
    cells += [cell("one + 2"), cell('console.log("undisturbed");')]
    print(
        json.dumps(
            {
                "sent": len(garbage),
                "replayed": len(replays),
                "cells": cells,
                "alive": manager.is_alive(),
                "leaked": right.decode() in json.dumps(published, default=str),
                "connectionFileMode": oct(Path(manager.connection_file).stat().st_mode & 0o777),
            }
        )
    )
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
