"""This folder is no package: what its tests share is loaded once under a name of its own."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

for name in ("fuzz_streams", "fuzz_contents"):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
