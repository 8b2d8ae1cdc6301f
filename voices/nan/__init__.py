"""Minnan: words, number grammar, sound sources."""

from voices.nan.minnan import Minnan

LANGUAGE = Minnan
