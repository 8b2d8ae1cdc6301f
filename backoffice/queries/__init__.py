"""Query and print services: what registers answer about a person, as typed lines with their freshness."""
