"""The model: what is made of the parameters in `params.toml`, from raw features to a prediction.

Preparation of features belongs into the pipeline: what is fitted here is what a service answers with.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

SEED = 7


def build(parameters: dict[str, Any], features: pd.DataFrame) -> Pipeline:
    """An estimator that is not fitted yet; `features` shows the columns that it will get."""
    words = (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number"))
    forest = RandomForestClassifier(
        n_estimators=parameters["trees"], max_depth=parameters["max_depth"], random_state=SEED
    )
    return Pipeline([("columns", make_column_transformer(words, remainder="passthrough")), ("forest", forest)])
