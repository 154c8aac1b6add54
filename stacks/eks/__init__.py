"""The engine of the target `cloud`: EKS with Auto Mode and what the platform needs around it."""
