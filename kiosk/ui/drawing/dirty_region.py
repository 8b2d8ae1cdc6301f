"""Draw again only what has changed, where drawing costs: a processor that draws for want of a graphics chip.

Three methods of Kivy's window are replaced on its instance; `install` leaves everything as it is when Kivy is another
than the one this was written for, when a graphics chip draws (it flips buffers, and a whole frame is cheap there), and
in every doubt a whole frame is drawn. That the buffer that is drawn into keeps its picture is tried at the first frame.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable
from typing import Any

import kivy
from kivy.graphics import opengl as gl

from kiosk.ui.drawing.changes import Changes
from kiosk.ui.drawing.painted import Doubt
from kiosk.ui.toolkit import clock_sdl
from kiosk.ui.widgets import fill

log = logging.getLogger(__name__)

KIVY = "2.3.1"
"""Its inner names are used; another version draws whole frames."""
_SOFTWARE = ("llvmpipe", "softpipe", "swrast")
_WINDOW_EVENT = 0x200
"""SDL_WINDOWEVENT: exposed, resized, focus."""

STRIP_WITHIN = (640, 320)
"""Width and height that every panel has."""

Boxes = list[tuple[int, int, int, int]] | None
"""None = everything."""


class DirtyRegion:
    """Counts its frames: `whole`, `partial`; `last` tells what the last one drew."""

    def __init__(self, window: Any, sdl: ctypes.CDLL):
        self._window, self._sdl = window, sdl
        self._changes = Changes()
        self._all = True
        self._ground: tuple[float, ...] = ()
        """The colour that the last frame was cleared with."""
        self._keeps: bool | None = None
        """Whether the buffer keeps its picture; None until that was tried."""
        self._stock_loop: Callable[[], None] = window.mainloop
        self.whole = self.partial = 0
        self.last: Boxes = None
        self.on_partial: Callable[[], None] = lambda: None
        """Called after a partial frame has been drawn, before it is shown; for those who check."""
        self.on_shown: Callable[[], None] = lambda: None
        """Called after each frame, once it is on the screen."""

    def attach(self) -> None:
        window = self._window
        window.on_draw, window.flip, window.mainloop = self._draw, self._flip, self._loop
        window.bind(on_resize=self._doubt, on_restore=self._doubt)

    def detach(self) -> None:
        """Stock again."""
        window = self._window
        for name in ("on_draw", "flip", "mainloop"):
            delattr(window, name)
        window.unbind(on_resize=self._doubt, on_restore=self._doubt)

    def invalidate(self) -> None:
        """The next frame is drawn whole."""
        self._all = True
        self._window.canvas.ask_update()

    def _doubt(self, *_: object) -> None:
        self._all = True

    def _loop(self) -> None:
        self._sdl.SDL_PumpEvents()
        if self._sdl.SDL_HasEvent(_WINDOW_EVENT):
            self.invalidate()
        self._stock_loop()

    def _draw(self) -> None:
        self.last = self._changed()
        self._all = False
        if self.last is None:
            self.whole += 1
            self.draw_all()
            return
        self.partial += 1
        gl.glEnable(gl.GL_SCISSOR_TEST)
        for left, bottom, right, top in self.last:
            gl.glScissor(left, bottom, right - left, top - bottom)
            fill.clip((left, bottom, right, top))
            self.draw_all()
        fill.clip(None)
        gl.glDisable(gl.GL_SCISSOR_TEST)
        self.on_partial()

    def _changed(self) -> Boxes:
        canvas, ground = self._window.canvas, tuple(self._window.clearcolor)
        same, self._ground = ground == self._ground, ground
        if self._all or not same or not self._keeps or any(group.needs_redraw for group in _layers(canvas)):
            return None
        try:
            return self._changes.boxes(self._window.children, (int(self._window.width), int(self._window.height)))
        except Doubt:
            return None

    def draw_all(self) -> None:
        """Into the buffer, as far as the scissors let it."""
        gl.glClearColor(*self._window.clearcolor)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT)
        self._window.render_context.draw()

    def _flip(self) -> None:
        strip = self._strip() if self._keeps is None else b""
        self._window._win.flip()
        if len({strip[at : at + 4] for at in range(0, len(strip), 4)}) > 1:
            self._keeps = self._strip() == strip
            log.info("frames are drawn %s", "in part" if self._keeps else "whole: the buffer does not keep its picture")
        self.on_shown()
        if self.last is None:
            self._remember()

    def _remember(self) -> None:
        """After the picture is out: nobody waits for it."""
        try:
            self._changes.remember(self._window.children)
        except Doubt:
            self._changes.forget()

    def _strip(self) -> bytes:
        """A few pixels below the upper edge, where a screen has text.

        A compositor may give the window another size than Kivy knows yet. Software GL then crashes on reading what
        lies outside; its rows count from the top, so the upper left corner lies within any size.
        """
        width, height = map(int, self._window.size)
        left, rows = min(width, STRIP_WITHIN[0]) // 3, min(height, STRIP_WITHIN[1])
        return bytes(gl.glReadPixels(left, height - rows, 8, rows, gl.GL_RGBA, gl.GL_UNSIGNED_BYTE))


def _layers(canvas: Any) -> list[Any]:
    return [*([canvas.before] if canvas.has_before else []), *([canvas.after] if canvas.has_after else [])]


def install(window: Any) -> DirtyRegion | None:
    """Put it before `window`; None when whole frames are drawn as before."""
    sdl = clock_sdl.library()
    renderer = bytes(gl.glGetString(gl.GL_RENDERER) or b"").decode(errors="replace")
    missing = [name for name in ("_win", "render_context", "mainloop", "clearcolor") if not hasattr(window, name)]
    reason = (
        f"Kivy {kivy.__version__} is not {KIVY}"
        if kivy.__version__ != KIVY
        else "SDL not found"
        if sdl is None
        else f"missing {missing}"
        if missing
        else ""
        if renderer.startswith(_SOFTWARE)
        else f"{renderer} draws"
    )
    if reason or sdl is None:
        log.info("frames are drawn whole: %s", reason)
        return None
    region = DirtyRegion(window, sdl)
    region.attach()
    return region
