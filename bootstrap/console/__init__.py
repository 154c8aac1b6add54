"""What people and machines read: progress and errors on standard error, results on standard output."""

from bootstrap.console.failure import print_error, print_interrupted
from bootstrap.console.output import print_json, print_table
from bootstrap.console.reporting import Mode, reporting

__all__ = ["Mode", "print_error", "print_interrupted", "print_json", "print_table", "reporting"]
