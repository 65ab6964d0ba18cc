"""Stands in for the API server of a Kubernetes cluster of one machine, as far as Snakemake's executor asks it.

    kubernetes-stand-in.py PORT VERSION FOLDER

Every object that is sent must be valid by the schema of that VERSION of the API, and must not ask for an extended
resource, such as a GPU, without a limit that equals the request, which the API refuses and the schema does not say. A
job's command is run here as a process, as its container would, in an empty folder; its volumes are taken to be mounted.
What was sent is kept in FOLDER.
"""

import json
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import kubernetes_validate

PORT, VERSION, FOLDER = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
processes = {}


def refusal(sent):
    """Why the API would not take an object; None if it would."""
    try:
        kubernetes_validate.validate(sent, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{error.message} at {list(error.path)}"
    if sent["kind"] != "Job":
        return None
    spec = sent["spec"]["template"]["spec"]
    for container in spec["containers"]:
        asked = container["resources"]
        for name, count in asked.get("requests", {}).items():
            if "/" in name and asked.get("limits", {}).get(name) != count:
                return f"{name} is requested without an equal limit"
        volumes = {volume["name"] for volume in spec["volumes"]}
        if missing := [mount["name"] for mount in container["volumeMounts"] if mount["name"] not in volumes]:
            return f"volumes {missing} are mounted, but not there"
    return None


def start(job):
    name = job["metadata"]["name"]
    [container] = job["spec"]["template"]["spec"]["containers"]
    log = (FOLDER / f"{name}.log").open("w")
    folder = tempfile.mkdtemp(dir=FOLDER)
    words = [*container["command"], *container["args"]]
    processes[name] = subprocess.Popen(words, cwd=folder, stdout=log, stderr=subprocess.STDOUT)


def status_of(name):
    code = processes[name].poll()
    if code is None:
        return {"active": 1}
    return {"succeeded": 1} if code == 0 else {"failed": 1}


def pod_of(name):
    code = processes[name].poll()
    state = {"running": {}} if code is None else {"terminated": {"exitCode": code if code >= 0 else 128 - code}}
    container = {"name": "snakemake", "state": state, "image": "", "imageID": "", "ready": True, "restartCount": 0}
    return {"metadata": {"name": f"{name}-pod"}, "status": {"containerStatuses": [container]}}


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, value, code=200):
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        # The client leaves out what the address says.
        kind, group = ("Job", "batch/v1") if "/batch/" in self.path else ("Secret", "v1")
        sent = {"apiVersion": group, "kind": kind, **sent}
        if why := refusal(sent):
            return self.answer({"kind": "Status", "code": 422, "message": why}, 422)
        name = sent["metadata"]["name"]
        if kind == "Job":
            (FOLDER / f"{name}.json").write_text(json.dumps(sent, indent=2))
            start(sent)
        return self.answer(sent, 201)

    def do_GET(self):
        parts = urlparse(self.path)
        if parts.path.endswith("/pods"):
            [selector] = parse_qs(parts.query)["labelSelector"]
            return self.answer({"kind": "PodList", "apiVersion": "v1", "items": [pod_of(selector.split("=")[1])]})
        if parts.path.endswith("/log"):
            name = parts.path.split("/")[-2].removesuffix("-pod")
            return self.answer((FOLDER / f"{name}.log").read_text())
        name = parts.path.split("/")[-2] if parts.path.endswith("/status") else parts.path.split("/")[-1]
        if name not in processes:
            return self.answer({"kind": "Status", "code": 404, "message": f"no job {name}"}, 404)
        job = json.loads((FOLDER / f"{name}.json").read_text())
        return self.answer({**job, "status": status_of(name)})

    def do_DELETE(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        name = self.path.split("?")[0].split("/")[-1]
        if name in processes and processes[name].poll() is None:
            processes[name].terminate()
        self.answer({"kind": "Status", "status": "Success"})

    def log_message(self, *words):
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Server).serve_forever()
