"""The target `local`: one kind node in a container engine on this machine."""
