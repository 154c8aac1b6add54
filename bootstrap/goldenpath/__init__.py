"""Golden paths on this side of the portal: list them, start one, test them.

`entries` and `start` need nothing but the files; `test` renders each golden path as the portal would, looks
through the repository that comes of it, runs its tests, and tries it on a platform.
"""
