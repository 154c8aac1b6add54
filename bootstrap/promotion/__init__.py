"""What a promotion from one platform to another would change there: `idp diff`, and the base of `promote`.

The desired state of B after a promotion from A is:

- A's stack definition, settings, packages and locked image digests, rendered with the facts of B, its size
  among them: manifests, catalogue and golden paths;
- the files in A's platform, catalogue and template repositories that idp did not render, as they are;
- A's entries of `idp/deployments`, in which only addresses and the registry become those of B;
- the repositories of every organisation but `idp`, with the same commits behind the same branches and tags.

The difference is how B now differs from that. Decisions about models (`idp/governance`) are no part of it:
they are made on each platform.
"""
