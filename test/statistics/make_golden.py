"""Reference values of Student's t, paired tests and equivalence tests by SciPy.

    python3 test/statistics/make_golden.py > test/statistics/statistics.golden.json

with scipy 1.13 or later.
"""

import json

import numpy
from scipy import stats

degrees = [1, 2, 4, 9, 29, 200, 2.5]
points = [-40, -4.3, -1, -0.1, 0, 0.3, 1.7, 2.8, 12, 500]
shares = [0.001, 0.025, 0.2, 0.5, 0.9, 0.975, 0.9995]
generator = numpy.random.default_rng(0)


def sample(count: int, mean: float) -> dict:
    values = generator.normal(mean, 1, count)
    low, high = stats.t.interval(0.95, count - 1, values.mean(), stats.sem(values))
    above = stats.ttest_1samp(values, -0.5, alternative="greater").pvalue
    below = stats.ttest_1samp(values, 0.5, alternative="less").pvalue
    return {
        "values": values.tolist(),
        "interval": [low, high],
        "above": above,
        "below": below,
        "within": max(above, below),
    }


print(
    json.dumps(
        {
            "cdf": [[t, n, stats.t.cdf(t, n)] for t in points for n in degrees],
            "quantile": [[p, n, stats.t.ppf(p, n)] for p in shares for n in degrees],
            "samples": [sample(count, mean) for count in (2, 3, 5, 10) for mean in (0, 2)],
        }
    )
)
