"""What becomes of the predictions before they are written."""

from __future__ import annotations

import pandas as pd

#: Below this probability a person should look.
UNSURE = 0.6


def finish(results: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """`results` has the keys of the rows, prediction, probability and model_version; `rows` all columns."""
    return results.assign(review=results["probability"] < UNSURE)
