"""Audit records outside the portal: take one out, read it, and hold it against what the platform has."""
