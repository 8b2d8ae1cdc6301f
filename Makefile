# Two commands do everything: `make run` and `make test`. The rest is for those who work here.
PY := .venv/bin/python
export KIOSK_VOICE_DIR := $(CURDIR)/var/voice
export KIOSK_FONT_DIR := $(CURDIR)/var/fonts
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup run test quick lint bench proof proof-line proof-voice proof-backoffice proof-journeys proof-access proof-devices proof-fresh press-stress voices-neural schema command-help lock sbom clean gallery effort

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

# All proofs, an hour on 2 cores: many wait in real time, so their pieces run beside each other (tests/proofs.py). What
# each has used: out/proof/budget.json; what each printed: out/proof/logs.
proof: setup
	-@$(PY) -m voices render --fetch
	@$(PY) tests/run_proofs.py

# Kills and power cuts of the one line from COMMIT to acknowledgement.
proof-line: setup
	@$(PY) tests/run_proofs.py line

# The longer journeys, and every label of every picture of the demo as a reader's eye finds it.
proof-journeys: setup
	@$(PY) tests/run_proofs.py journeys

# Who is shut out elsewhere is served here: the twelve journeys in both languages with ideal and with faulty devices, every
# way out, every kind of ending, every scene in every size and colour, 500 visits in the window and 10,000 behind it, the
# full count of walks; out/escapes.md, out/proof/soak_*.json, out/proof/walks.json.
proof-access: setup
	@$(PY) tests/run_proofs.py access

# Chip cards in a real pcscd, A4 on a real IPP printer, conformance of every model, every fault found; the fault matrix
# (out/fault-matrix.md), 50,000 made-up messages for the codecs, 24 simulated hours of the hub.
proof-devices: setup
	@$(PY) tests/run_proofs.py devices

# The natural voice is proved where its weights can be had; without a network that part says so and is left out.
proof-voice: setup
	-@$(PY) -m voices render --fetch
	@$(PY) tests/run_proofs.py voice

# Opt-in: fetch the natural voice (95 MB) and render every static Mandarin prompt into var/voice/packs.
voices-neural: setup
	@$(PY) -m voices render --fetch --lang cmn

proof-backoffice: setup
	@$(PY) tests/run_proofs.py backoffice

# Whatever hands, voice and settings do: after every frame the X screen is the one that would have been drawn whole.
press-stress: setup
	@$(PY) tests/run_proofs.py press-stress

# A picture of every screen and a contact sheet of each subject, for eyes: out/gallery.
gallery: setup
	@$(PY) tests/ui/gallery.py out/gallery

# What every carried item costs the one who stands there, touch by touch and why: out/effort.html, out/effort.tsv.
effort: setup
	@PYTHONPATH=tests/support $(PY) -m effort_support.report $(EFFORT)

bench:
	@sh config/deploy/setup.sh bench
	@$(PY) tests/bench/run.py $(BENCH)

# On a Debian 13 that holds nothing else: needs root, the network and half an hour; out/proof/fresh.json.
proof-fresh:
	@sh config/deploy/setup.sh fresh
	@$(PY) tests/proof/fresh_root.py

# Files that are written from code and checked for drift by tests.
schema: setup
	@$(PY) -m backoffice openapi
	@$(PY) -m backoffice keys
	@$(PY) -m kiosk keys
	@$(PY) -m kiosk manual
	@$(PY) -m voices guide docs/voice.zh-CN.md

# What shells complete and `man` shows of both commands, as it lies below /usr/local on a Debian machine: out/command-help.
command-help: setup
	@$(PY) config/deploy/command_help.py out/command-help

# The digests of what a terminal and a back office install, noted anew after a change of pyproject.toml or constraints.txt.
lock: setup
	@$(PY) -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[release]"
	@for role in terminal:kiosk backoffice:backoffice; do \
	  UV_FIND_LINKS= $(PY) -m uv pip compile -q --universal --python-version 3.11 --no-annotate --no-header \
	    --no-emit-index-url --no-emit-find-links -c constraints.txt --generate-hashes \
	    --extra $${role#*:} pyproject.toml -o config/deploy/locked/$${role%:*}.txt || exit 1; done

# What a terminal and a back office are made of, as CycloneDX: out/sbom.
sbom: setup
	@$(PY) -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[release]"
	@mkdir -p out/sbom
	@for role in terminal backoffice; do $(PY) -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml \
	  --output-reproducible -o out/sbom/$$role.cdx.json config/deploy/locked/$$role.txt || exit 1; done

clean:
	@rm -rf out build
