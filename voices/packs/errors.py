"""What can be wrong with a pack."""

from __future__ import annotations


class PackError(ValueError):
    """The pack, or a file of it, cannot be used. The message says what is wrong and what to do."""


class UnknownSigner(PackError):
    """Signed by somebody whose key this machine does not have."""
