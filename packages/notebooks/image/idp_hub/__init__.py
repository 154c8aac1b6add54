"""What JupyterHub needs to be part of the platform: its gateway, its repositories, its limits."""
