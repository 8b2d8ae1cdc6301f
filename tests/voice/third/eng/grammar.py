"""English numbers."""

from collections.abc import Callable

_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_BELOW_20 = f"zero one two three four five six seven eight nine {_TEENS}".split(" ")
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def number(n: int) -> str:
    """A cardinal number from 0 to 999999. :raises ValueError: it is another."""
    if not 0 <= n <= 999_999:
        raise ValueError(f"no reading for {n}")
    if n < 20:
        return _BELOW_20[n]
    if n < 100:
        return _TENS[n // 10] + (f" {number(n % 10)}" if n % 10 else "")
    if n < 1000:
        return f"{number(n // 100)} hundred" + (f" and {number(n % 100)}" if n % 100 else "")
    return f"{number(n // 1000)} thousand" + (f" {number(n % 1000)}" if n % 1000 else "")


READERS: dict[str, Callable[[str], str]] = {
    "count": lambda value: number(int(value)),
    "digits": lambda value: " ".join(number(int(digit)) for digit in value),
}
