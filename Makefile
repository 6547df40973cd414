# `make` alone lists the targets.

SWIFT ?= swift
SOURCES = Package.swift Sources Tests Benchmarks/KeyRing

# More for the programs: make run ARGS='--http-port 8081', make test TEST_ARGS='--filter EntraTests'.
ARGS ?=
TEST_ARGS ?=
BENCH_ARGS ?=

# What `make test` repeats a few hundred times, and the requests that it makes up of the contract.
SOAKED = --filter HygieneTests --filter ClientCertificateFileTests --filter CrashTests --filter EndToEndTests.ContractTests

# What `make test` runs by itself: it takes all of a processor, and beside it are tests with limits in time; or it has such limits
# to do with a start or an end.
ALONE = (EndToEndTests.(ContractTests|DeploymentFilesTests|PagesTests|CallerTLSTests|StartingTests|TraceTests|DescriptorTests)|GatewayAPITests.(HTTP2EndTests|CallerHTTP2Tests|ShutdownTests|UnreadAnswersTests))

# And what it runs after the others: it starts databases and kills gateways by the dozen.
LEDGER = (^LedgerTests|EndToEndTests.(CrashTests|RandomCrashTests|ReplicaTests|ComposedReplicasTests))

# And what it runs last: it has the machine at full load on purpose, for which everything beside it would wait.
LOAD = EndToEndTests.StoppingTests

# So many tests at a time. All at once, each would wait for half a minute between two of its steps, longer than deadlines within it.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 32

# Nothing of a sanitizer's build is mixed with the others'.
# There are no tests of XCTest's, and its empty run leaks.
SANITIZED = --disable-xctest --filter CurlTransportTests

# People read the log of `make run`.
run: export LOG_FORMAT ?= text

.DEFAULT_GOAL := help
.PHONY: help deps test-deps build run test faults errors alerts metrics picture dashboard-pictures page-pictures soak sanitize bench-deps bench bench-all key-ring-bench clients generated-clients interop format lint clean
# Two builds of one package wait for each other anyway, and their output would be mixed.
.NOTPARALLEL:

help: ## List the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 26

deps: ## Install the Debian packages that the build needs and that are missing
	@scripts/deps

test-deps: ## Install those of the tests, too, and what checks the contract, the deployment and the pages
	@scripts/deps --tests
	@scripts/contract-tools
	@scripts/deployment-tools
	@scripts/page-tools

build: deps ## Build the two programs
	$(SWIFT) build --product enrollment-gateway
	$(SWIFT) build --product graph-sandbox

run: deps ## Build the gateway and start it with the sandbox: no tenant needed
	$(SWIFT) build --product enrollment-gateway
	@exec "$$($(SWIFT) build --show-bin-path)/enrollment-gateway" serve --sandbox $(ARGS)

test: test-deps ## Build everything and run all tests
	$(SWIFT) build --build-tests
	@SWIFT='$(SWIFT)' scripts/run-tests \
	    $(or $(TEST_ARGS),--skip '$(ALONE)' --skip '$(LEDGER)' --skip '$(LOAD)' \
	        -- --filter '$(LEDGER)' -- --filter '$(ALONE)' -- --filter '$(LOAD)')

soak: test-deps ## Repeat what must hold 10,000 times over (takes minutes)
	SOAK=1 $(SWIFT) test $(SOAKED)

sanitize: deps ## Run the tests of the libcurl target under the thread and address sanitizers
	TSAN_OPTIONS='halt_on_error=1' $(SWIFT) test --sanitize thread --scratch-path .build-tsan $(SANITIZED)
	ASAN_OPTIONS='detect_leaks=1' $(SWIFT) test --sanitize address --scratch-path .build-asan $(SANITIZED)

faults: deps ## Write docs/faults.md from what the tests of faults see
	$(SWIFT) build --build-tests
	UPDATE_FAULTS=1 $(SWIFT) test --skip-build --filter FaultTests.FaultTests

picture: build ## Draw docs/doctor.svg from a run of the doctor
	scripts/draw-doctor "$$($(SWIFT) build --show-bin-path)"

alerts: test-deps ## Write deploy/kubernetes/base/prometheusrule.yaml from the alerts
	UPDATE_ALERTS=1 Tests/Deployment/run alerts

dashboard-pictures: build ## Draw docs/images/dashboard-*.png from some minutes of a gateway that is watched (downloads matplotlib)
	@scripts/python-tools drawing-tools scripts/draw-dashboard.requirements.txt "draws the dashboard"
	.build/drawing-tools/bin/python scripts/draw-dashboard "$$($(SWIFT) build --show-bin-path)"

page-pictures: build test-deps ## Draw docs/images/pages/*.png from a gateway with some life in it
	.build/page-tools/bin/python scripts/draw-pages "$$($(SWIFT) build --show-bin-path)"

errors: deps ## Write docs/errors.md from the table of codes
	$(SWIFT) build --build-tests
	UPDATE_ERRORS=1 $(SWIFT) test --skip-build --filter ErrorsDocumentTests

metrics: test-deps ## Write the table in docs/metrics.md from a running service
	$(SWIFT) build --build-tests
	UPDATE_METRICS=1 $(SWIFT) test --skip-build --filter MetricsTests/document

bench-deps: deps ## Install what the measurements need: nginx, wrk, Envoy, PostgreSQL
	@Benchmarks/deps

bench: bench-deps ## Measure the gateway beside Envoy and nginx (takes ten minutes)
	$(SWIFT) build -c release --static-swift-stdlib --product enrollment-gateway
	@cd Benchmarks && exec python3 -m bench $(BENCH_ARGS)

bench-all: BENCH_ARGS += --all
bench-all: key-ring-bench
bench-all: bench ## The same, and the edges (expiry, outage, bad keys, a million requests), the ledger, the telemetry and the console

key-ring-bench: deps
	$(SWIFT) build -c release --static-swift-stdlib --product key-ring-bench

clients: ## Run Microsoft's clients for Python against the sandbox (downloads them)
	Examples/microsoft-clients/run

generated-clients: ## Mint with clients that stock generators make of the contract (downloads them)
	scripts/generated-clients

interop: ## Show both kinds of credential to an OAuth 2.0 server that is not Microsoft's (downloads it)
	Examples/oauth-server/run

format: ## Write the sources in the project's format
	$(SWIFT) format format --in-place --recursive --parallel $(SOURCES)

lint: ## Say where the sources are not in the project's format
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

clean: ## Remove what was built
	$(SWIFT) package clean
