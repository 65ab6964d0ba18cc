# A gallery in many files, mapped and evaluated with a job for every shard: see "Galleries beyond one file" in README.md.
# Configuration: root and node (as in Snakefile), shards, weights, old, labels, query, query_labels (as fct takes them),
# mapped and work (folders), cores (of a job; 1 by default), and options of the evaluation such as "--distance cosine".
import json
from pathlib import Path

FCT = "{config[node]:q} {config[root]:q}/lib/dist/cli/fct.js"
OF = int(config["shards"])
ALL = range(1, OF + 1)
OPTIONS = config.get("options", "")
SEARCH = (
    " evaluate --query {config[query]:q} --query-labels {config[query_labels]:q} --gallery {config[mapped]:q}"
    f" --labels {{config[labels]:q}} {OPTIONS} --shard {{wildcards.i}}/{OF}"
)


def settings(name, *keys):
    """A file that is written again only if a setting, or a file that it names, is another: what depends on it runs again."""
    file = Path(f"{name}-settings.json")
    values = {key: str(config.get(key, "")) for key in keys}
    times = {value: Path(value).stat().st_mtime for value in values.values() if Path(value).is_file()}
    text = json.dumps([values, times])
    if not file.exists() or file.read_text() != text:
        file.write_text(text)
    return str(file)


rule all:
    input:
        "merged.json",


rule map:
    input:
        settings("map", "shards", "weights", "old", "mapped"),
    output:
        touch("map-{i}"),
    threads: int(config.get("cores", 1))
    shell:
        FCT + " map --weights {config[weights]:q} --old {config[old]:q} --out {config[mapped]:q}"
        f" --shard {{wildcards.i}}/{OF}"


# A gallery is all files of its folder, so that no shard is measured before all are mapped.
rule measure:
    input:
        settings("search", "labels", "query", "query_labels", "work", "options"),
        [f"map-{i}" for i in ALL],
    output:
        touch("measure-{i}"),
    threads: int(config.get("cores", 1))
    shell:
        FCT + SEARCH + " --measure {config[work]:q}"


rule count:
    input:
        [f"measure-{i}" for i in ALL],
    output:
        touch("count-{i}"),
    threads: int(config.get("cores", 1))
    shell:
        FCT + SEARCH + " --count {config[work]:q}"


rule merge:
    input:
        [f"count-{i}" for i in ALL],
    output:
        "merged.json",
    shell:
        FCT + " merge {config[work]:q} --json > {output}"
