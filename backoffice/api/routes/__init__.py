"""The routes, a file a subject: `install(app, desk)` adds them."""
