"""Stack definitions, the Pulumi program that all targets share, and one engine per target."""
