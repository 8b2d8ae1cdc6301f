"""The printed face of an identity card."""
