"""How the voices are measured: each file one gate, each gate a figure beside the one that is wanted."""
