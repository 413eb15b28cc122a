# The entry points. `make` alone lists them.

PORT ?= 7700
TARGET := $(or $(CARGO_TARGET_DIR),target)
# rustup's cargo, also in a shell that was open before rustup was installed.
export PATH := $(PATH):$(HOME)/.cargo/bin

.PHONY: help demo test check bench services services-stop sqlx

help:
	@echo "make demo [PORT=7700]   build Tenure and serve two example companies from .tenure/ in this folder"
	@echo "make test               everything that must hold: format, lints, all tests, licences, SQL"
	@echo "make check              the quick part of it: format, lints, the tests that need no database"
	@echo "make bench [AREA=http]  figures, each held against a floor or a peer in the same run"
	@echo "make services           start what the tests run against; make test does so by itself"
	@echo "make services-stop      stop it and remove its data"
	@echo "make sqlx               renew the data in .sqlx after a change of SQL"

demo:
	@scripts/setup demo
	@echo "Building Tenure (the first time takes some minutes) ..."
	cargo build --release --locked -p tenure-cli
	@exec $(TARGET)/release/tenure demo --port $(PORT)

test:
	@scripts/test

check:
	@scripts/setup test
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo nextest run --locked -p tenure-core

bench:
	@scripts/setup test
	@scripts/servers
	cargo build --release --locked -p tenure-cli -p tenure-bench
	@$(TARGET)/release/tenure-bench $(AREA)

services:
	@scripts/setup test
	@"$$(scripts/build services)" start

services-stop:
	@"$$(scripts/build services)" stop

sqlx:
	@scripts/setup test
	@scripts/sqlx-prepare
