"""A natural voice, rendered ahead: Kokoro-82M for Mandarin, and opt-in for Minnan with durations and tones of our own.

Nothing of it runs on a kiosk: `python -m voices render` makes a pack on a build machine.
"""
