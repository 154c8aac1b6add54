"""What `idp` knows of a cloud account beyond the stack's resources."""
