# Two commands do everything: `make run` and `make test`. The rest is for those who work here.
PY := .venv/bin/python
export KIOSK_VOICE_DIR := $(CURDIR)/var/voice
export KIOSK_FONT_DIR := $(CURDIR)/var/fonts
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup run test quick lint bench proof proof-line proof-voice proof-backoffice proof-journeys proof-access proof-devices press-stress voices-neural schema clean gallery

setup:
	@sh config/deploy/setup.sh

# With a display: the kiosk against simulated devices and an embedded back office.
# Without one: the demo visit under Xvfb, evidence in out/demo.
run: setup
	@$(PY) -m kiosk demo --out out/demo

test: setup
	@$(PY) tests/run_rooms.py

# No X, no processes: for the hands, under a minute.
quick: lint
	@$(PY) -m pytest -m "not proof" tests/unit tests/architecture

lint: setup
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy

proof: proof-line proof-journeys proof-access proof-devices proof-voice proof-backoffice

# Kills and power cuts of the one line from COMMIT to acknowledgement.
proof-line: setup
	@mkdir -p out/proof
	@$(PY) -m pytest -m proof tests/proof/test_line.py --timeout 1800

# The longer journeys, and every label of every picture of the demo as a reader's eye finds it.
proof-journeys: setup
	@mkdir -p out/proof
	@$(PY) -m pytest -m proof tests/journeys/test_journeys.py tests/proof/test_journeys_seen.py --timeout 1800

# Who is shut out elsewhere is served here: the twelve journeys in both languages with ideal and with faulty devices, every
# way out, every kind of ending, every scene in every size and colour, 500 visits in the window and 10,000 behind it, the full count of walks. About 25 minutes
# on 2 cores; out/escapes.md, out/proof/soak_*.json.
proof-access: setup
	@mkdir -p out/proof
	@$(PY) -m pytest -m proof tests/journeys/test_twelve.py tests/proof/test_soak.py tests/unit --timeout 1800
	@$(PY) -m pytest tests/journeys/test_escapes.py tests/journeys/test_residue.py -rA --timeout 1800
	@ALL_SCENES=1 $(PY) -m pytest tests/ui --timeout 1800

# Chip cards in a real pcscd, A4 on a real IPP printer, conformance of every model, every fault found; the fault matrix
# (out/fault-matrix.md), 50,000 made-up messages for the codecs, 24 simulated hours of the hub.
proof-devices: setup
	@mkdir -p out/proof
	@$(PY) -m pytest -m proof tests/drivers tests/technician --timeout 1800

# The natural voice is proved where its weights can be had; without a network that part says so and is left out.
proof-voice: setup
	@mkdir -p out/proof
	-@$(PY) -m voices render --fetch
	@$(PY) -m pytest -m proof tests/voice --timeout 1800

# Opt-in: fetch the natural voice (95 MB) and render every static Mandarin prompt into var/voice/packs.
voices-neural: setup
	@$(PY) -m voices render --fetch --lang cmn

proof-backoffice: setup
	@mkdir -p out/proof
	@$(PY) -m pytest -m proof tests/backoffice tests/proof/test_office.py --timeout 1800

# Whatever hands, voice and settings do: after every frame the X screen is the one that would have been drawn whole.
press-stress: setup
	@WINDOW_TESTS_ON=x11 PRESS_STRESS_ACTIONS=2000 xvfb-run -a -s "-screen 0 1080x1920x24" \
		$(PY) -m pytest tests/ui/test_dirty_region.py --timeout 1800 -rA

# A picture of every screen and a contact sheet of each subject, for eyes: out/gallery.
gallery: setup
	@$(PY) tests/ui/gallery.py out/gallery

bench: setup
	@$(PY) tests/bench/run.py $(BENCH)

# Files that are written from code and checked for drift by tests.
schema: setup
	@$(PY) -m backoffice openapi
	@$(PY) -m backoffice keys
	@$(PY) -m kiosk keys
	@$(PY) -m kiosk manual

clean:
	@rm -rf out build
