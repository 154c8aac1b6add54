"""The engine of the target `existing`: any cluster that a context of the user's kubeconfig names."""
