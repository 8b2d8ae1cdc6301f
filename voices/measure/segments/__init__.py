"""Can the sounds that part Minnan words be told apart, and do they differ the way the textbook says?

The contrasts are data (contrasts.toml). A voice is measured when it can say where its syllables lie (rendering.py).
"""

from voices.measure.segments.verdicts import gates

__all__ = ["gates"]
