# A gallery in many files, mapped and evaluated with a job for every shard: see "Galleries beyond one file" in README.md.
# Configuration: root and node (as in Snakefile), shards, weights, old, labels, query, query_labels (as fct takes them),
# mapped and work (folders), cores (of a job; 1 by default), and options of the evaluation such as "--distance cosine".
FCT = "{config[node]:q} {config[root]:q}/lib/dist/cli/fct.js"
OF = int(config["shards"])
ALL = range(1, OF + 1)
OPTIONS = config.get("options", "")
SEARCH = (
    " evaluate --query {config[query]:q} --query-labels {config[query_labels]:q} --gallery {config[mapped]:q}"
    f" --labels {{config[labels]:q}} {OPTIONS} --shard {{wildcards.i}}/{OF}"
)


rule all:
    input:
        "merged.json",


rule map:
    output:
        touch("map-{i}"),
    threads: int(config.get("cores", 1))
    shell:
        FCT + " map --weights {config[weights]:q} --old {config[old]:q} --out {config[mapped]:q}"
        f" --shard {{wildcards.i}}/{OF}"


# A gallery is all files of its folder, so that no shard is measured before all are mapped.
rule measure:
    input:
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
