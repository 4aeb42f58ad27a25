# `make` lists the targets. Each says what it is about to change on this machine before it does.

.DEFAULT_GOAL := help
.PHONY: help up rollout images down logs metrics dev check wheel test conformance firefox faults machines fuzz replicas alerts bench figures doctor moderator backup restore migrate expunge screenshots speed
SHELL := /bin/bash

compose := docker compose
# Containers go on when the terminal of their command is gone. The names and ports of what tests start are the same each
# time, so a last run that still goes on would break this one.
build_tests = left=$$(docker ps --quiet --filter label=tertulia.make=$@); \
	[ -z "$$left" ] || { echo "  · ending a make $@ that still runs here"; docker rm --force $$left >/dev/null; }; \
	docker build --quiet --file tests/Dockerfile --tag tertulia-tests . >/dev/null
# The tree is read-only to the tests; what they leave goes to build/.
run_tests = mkdir -p build && docker run --rm --init --label tertulia.make=$@ --shm-size 1g \
	--env CI --env SEED --env TLS --env SESSION --env PACKETS --env FLOOD \
	--volume /var/run/docker.sock:/var/run/docker.sock \
	--volume "$(CURDIR):/tertulia:ro" --volume "$(CURDIR)/build:/tertulia/build"
in_tests = $(run_tests) --network host tertulia-tests
in_tests_of_browsers = $(run_tests) --env OWN_NETWORK=1 tertulia-tests

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1mmake %-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: engine ## Build, start, wait until healthy, print the address
	@setup/up.sh

rollout: engine ## Replace the workers by what is here now, one after the other, while people talk
	@setup/rollout.sh

images: engine ## Build the images and push them to REGISTRY=host:port/name, for many machines (TAG=…: instead of the version)
	@REGISTRY='$(REGISTRY)' TAG='$(TAG)' setup/push.sh

down: ## Stop; rooms and messages are kept
	@$(compose) --profile metrics down

metrics: engine ## Run Prometheus beside the chat, print its address
	@setup/images.sh prometheus
	@$(compose) --profile metrics up --build --detach --wait
	@echo; echo "  Prometheus is at http://$$($(compose) --profile metrics port prometheus 9090)/alerts"; echo

logs: ## Follow the logs of all containers
	@$(compose) logs --follow --tail 50

dev: .venv/ready nginx/client/node_modules ## The same chat from one process, with neither Docker nor Redis
	@PYTHONPATH=web .venv/bin/python -m chat

check: .venv/ready ## Format, lint, types, unit tests, known vulnerabilities (no Docker)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" tests/check.sh

wheel: .venv/ready ## Build the relay's package into build/, for other applications
	@.venv/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir build ./web/relay
	@ls build/tertulia_relay-*.whl

test: engine ## Everything: the checks, then a stack of its own under test (TLS=1: the stack and browsers over TLS)
	@$(if $(TLS),,setup/images.sh tests/cluster)
	@$(build_tests)
	@$(if $(TLS),,$(in_tests) tests/check.sh)
	@tests/side_by_side.sh '$(in_tests) tests/test.sh tests/stack --ignore tests/stack/relay' \
		'$(in_tests_of_browsers) tests/test.sh tests/browser' \
		'$(in_tests) tests/test.sh tests/stack/relay$(if $(TLS),, && $(in_tests) tests/test.sh tests/faults)' \
		$(if $(TLS),,'$(in_tests) tests/test.sh tests/examples && $(in_tests) tests/test.sh tests/cluster')

conformance: .venv/ready ## Print which cases of Socket.IO's own protocol suites stock python-socketio and relay pass
	@PYTHONPATH=web:. .venv/bin/python -m tests.conformance

firefox: engine ## The browsers' tests in Firefox ESR, but those that need Chromium's protocol; a quarter of an hour
	@$(build_tests)
	@$(in_tests_of_browsers) env BROWSER=firefox tests/test.sh tests/browser

faults: engine ## Break all parts of ours and of stock python-socketio, roll out, break connections; prints what was lost; a quarter of an hour
	@$(build_tests)
	@$(in_tests) python -m tests.faults
	@$(in_tests) env ROLLOUTS=3 tests/test.sh -s tests/faults/test_rollout.py tests/faults/test_balancers.py

machines: engine ## The stack on three hosts in containers: lose hosts, move slots, scale, roll out, and print what people noticed; three quarters of an hour (REDIS=one: with one Redis)
	@$(build_tests)
	@$(run_tests) --env ROUNDS --env CLIENTS --env ACKED --env REDIS --network host tertulia-tests python -m tests.machines

fuzz: engine ## Send 100,000 broken packets, and flood from one address while people chat: 21 minutes (FLOOD=3: these)
	@$(build_tests)
	@$(in_tests) python -m tests.fuzz

replicas: engine ## Measure what it costs that replicas confirm each message, and what if they don't; minutes (CLUSTER=valkey: of Valkey)
	@setup/images.sh tests/cluster
	@$(build_tests)
	@$(in_tests) python -m tests.cluster $(or $(CLUSTER),redis)

alerts: engine ## Cause what each alert is about, and see it fire; some minutes
	@setup/images.sh prometheus
	@$(build_tests)
	@$(in_tests) tests/test.sh tests/alerts

bench: engine ## Measure beside stock python-socketio, Node and the bare limit: three quarters of an hour (QUICK=1: three; ONLY=… ROWS=…: part of it; SCALING=1: how cost grows)
	@$(build_tests)
	@docker build --quiet --tag tertulia-bench-runner tests/bench >/dev/null
	@mkdir -p build/bench
	@docker run --rm --init --network host --env CI --env QUICK --env ONLY --env ROWS --env SCALING --volume /var/run/docker.sock:/var/run/docker.sock \
		--volume "$(CURDIR):/tertulia:ro" --volume "$(CURDIR)/build/bench:/results" tertulia-bench-runner tests/bench/run.sh

figures: .venv/ready ## Put the tables and plots of the last whole `make bench` into README.md and docs/
	@.venv/bin/python -m tests.bench.pages build/bench

doctor: .venv/ready ## Look the running chat over, or the one at URL, and say what is wrong and what to do
	@setup/doctor.sh $(URL)

moderator: ## Make NAME=… a moderator of the running chat (ROLE=owner: its owner; ID=…: which of several people)
	@NAME='$(NAME)' ROLE='$(ROLE)' ID='$(ID)' setup/moderator.sh

backup: ## Write all rooms and messages to FILE (default: backups/…), while people talk
	@setup/backup.sh $(FILE)

expunge: ## Take what moderators deleted off the disk at once, while people talk
	@setup/expunge.sh

migrate: engine ## Bring what Redis keeps from 0.1.0 into today's layout; stops the workers, for seconds
	@setup/migrate.sh

restore: ## Put the backup FILE into the stopped chat
	@setup/restore.sh $(FILE)

# A chat of its own, where rooms are filled faster than people write.
apart := LISTEN=127.0.0.1:18084 MESSAGES_PER_SECOND=1000 MESSAGES_AT_ONCE=1000 \
	BYTES_PER_SECOND=1000000 BYTES_AT_ONCE=10000000 ROOMS_PER_DAY=100000 \
	docker compose --project-name tertulia-apart
define on_a_chat_apart
	@$(build_tests)
	@$(apart) down --volumes && $(apart) up --build --detach --wait
	@$(in_tests) bash -c '$(1)'; result=$$?; $(apart) down --volumes; exit $$result
endef

screenshots: engine ## Make the pictures in docs/ again, of a chat of their own
	$(call on_a_chat_apart,timeout 240 python -m tests.browser.screenshots http://127.0.0.1:18084 build/pictures)
	@mkdir -p docs && cp build/pictures/*.png docs/

speed: engine ## Measure the page in Chromium: a first visit, also on slow 3G, a message's way, a room of 10,000 messages
	$(call on_a_chat_apart,python -m tests.browser.speed http://127.0.0.1:18084 && \
		python -m tests.browser.smooth http://127.0.0.1:18084 && \
		python -m tests.browser.strain http://127.0.0.1:18084)

.PHONY: engine
engine:
	@setup/engine.sh
	@setup/images.sh

.venv/ready: web/requirements.txt tests/requirements.txt
	@setup/venv.sh

nginx/client/node_modules: nginx/client/package-lock.json
	@setup/client.sh
