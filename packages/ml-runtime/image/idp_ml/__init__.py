"""What pipelines, batch jobs and model services of the platform have in common.

A repository made from a golden path holds what is its own: a model, parameters, a schema. How data is
read and checked, how a run is tracked, when a model is good enough and how it is served lies here.

`tables`, `validation`, `training`, `evidence`, `drift` and `gate` compute; `tracking` alone speaks to
MLflow, `gitea` alone to Git.
"""
