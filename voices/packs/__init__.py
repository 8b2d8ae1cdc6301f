"""Voice packs: clips made ahead, recorded by people or rendered, and how they come to this machine."""
