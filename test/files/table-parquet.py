"""Writes table.parquet, ten rows of vectors and labels in the forms that programs store them, and vectors.parquet;
lists.parquet, 20,000 rows of two values, of which 19,000 are in one row group; and texts.parquet, labels with semicolons.

python table-parquet.py
"""

import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

values = [i / 4 - 2 for i in range(30)]
classes = [i % 3 for i in range(10)]
table = pa.table(
    {
        "id": [f"item {i}" for i in range(10)],
        "single": pa.FixedSizeListArray.from_arrays(pa.array(values, pa.float32()), 3),
        "double": pa.array([values[3 * i : 3 * i + 3] for i in range(10)], pa.list_(pa.float64())),
        "x": pa.array(range(10), pa.int16()),
        "y": pa.array([-float(i) for i in range(10)]),
        "label": pa.array(classes, pa.int64()),
        "name": [f"c{k}" for k in classes],
        "flag": [i % 2 == 0 for i in range(10)],
        "tags": [[f"c{k}", "all"] for k in classes],
    }
)
pq.write_table(table, pathlib.Path(__file__).with_name("table.parquet"), compression="zstd", row_group_size=4)
pq.write_table(table.select(["double"]), pathlib.Path(__file__).with_name("vectors.parquet"), compression="snappy")

lists = pa.table({"v": pa.array([[i % 7, i % 11] for i in range(20_000)], pa.list_(pa.float32()))})
with pq.ParquetWriter(pathlib.Path(__file__).with_name("lists.parquet"), lists.schema, compression="zstd") as writer:
    writer.write_table(lists.slice(0, 19_000))
    writer.write_table(lists.slice(19_000))

texts = pa.table({"name": ["cat; large", "cat", "dog;"]})
pq.write_table(texts, pathlib.Path(__file__).with_name("texts.parquet"), compression="zstd")
