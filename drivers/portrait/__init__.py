"""Pictures of a resident's own face."""
