# The two main targets include the setup: make demo, make test.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

fuzz_seconds ?= 3

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The version is the tag of the build; without a tag it is "dev", which meets every `requires`.
revision = $(shell git describe --tags --match 'v[0-9]*' --always --dirty 2>/dev/null)
tags     =
static   = CGO_ENABLED=0 go build -trimpath -tags '$(tags)' -ldflags '-X main.revision=$(revision)'

.PHONY: build
build: ## build bin/plan, a static binary; with tags=kubernetes it runs plans on Kubernetes too
	$(static) -o bin/plan ./cmd/plan

.PHONY: install
install: ## install plan in the folder of go install, or in dir=FOLDER
	$(static) -o "$(or $(dir),$(shell go env GOBIN),$(shell go env GOPATH)/bin)/plan" ./cmd/plan

.PHONY: image
image: build ## make the image plan, which has only the command
	docker build --tag plan .

.PHONY: demo
demo: ## run the whole workflow on a real engine, with stand-ins for MLflow and MinIO
	@scripts/engine
	@$(MAKE) --no-print-directory build
	@scripts/demo

.PHONY: demo-full
demo-full: ## run it with a real MLflow, MinIO and FastAPI, built from packages; as root on Debian
	@scripts/engine
	@$(MAKE) --no-print-directory build
	@demo/full/demo

.PHONY: demo-full-clean
demo-full-clean: ## remove the images and the cache of demo-full
	@demo/full/clean

.PHONY: soak
ifdef part
soak:
	@scripts/soak $(part) $(or $(count),10)
else
soak: demo-full ## run tests that take too long for make test: demo-full, and an hour of fuzzing the HTTP parser; or part=kills|faults|fuzz count=N
	@scripts/fuzz 1800 engine/http1
endif

bench_flags := rounds seconds repeats shapes peers resume

.PHONY: bench
bench: ## compare the load engine with other load generators: half an hour
	@$(MAKE) --no-print-directory build
	@scripts/bench $(foreach flag,$(bench_flags),$(if $($(flag)),--$(flag)=$($(flag))))

.PHONY: test-kubernetes
test-kubernetes: ## run plans on a real Kubernetes of one node, which it builds in folder=FOLDER; as root on Debian
	@$(MAKE) build tags=kubernetes
	@scripts/kubernetes/test $(or $(folder),/tmp/plan-kubernetes) $(or $(draws),1) $(or $(kills),2)

.PHONY: test-v2
test-v2: ## run live tests of the engine with cgroup v2 and systemd, in a machine that it makes in folder=FOLDER; as root on Debian
	@scripts/vm/test $(or $(folder),/tmp/plan-v2) '$(tests)'

.PHONY: check
check: ## check the source without an engine: format, vet, staticcheck, golangci-lint, layers, documents
	@scripts/check
	@scripts/lint
	go test ./docs ./internal/layers

# Tests without an engine, root or installed tools, in under 90 s; tests that need one of these skip themselves.
units = $(shell go list ./... | grep -vE '^plan/internal/(acceptance|browser|conformance|mutants|truth)$$')
no_engine = CI= DOCKER_HOST=unix:///nonexistent/docker.sock

.PHONY: unit
unit: ## run the tests that need only Go
	$(no_engine) go test -p 5 $(units) # the longest ones wait most of the time

.PHONY: cover
cover: ## run make unit with statement coverage: coverage.out, coverage.html
	$(no_engine) go test -coverpkg=./... -coverprofile=coverage.out $(units)
	@go tool cover -html=coverage.out -o coverage.html
	@go tool cover -func=coverage.out | tail -1

# Packages that start no goroutine, in which the race detector finds nothing and takes minutes.
sequential = ^plan/(docs|plans(/.*)?|quick|report(/(chart|export|fixture|formats|html|show|verify))?|runner/(answer|compare|evidence|images|judge|networks|ramp|search))$$

.PHONY: test
test: ## check, test and fuzz everything, on a real engine
	@scripts/engine || [ "$${CI:-}" != true ]
	@scripts/tools & tools=$$!; checked=0; scripts/check || checked=$$?; wait $$tools && exit $$checked # one waits for the network, the other for CPUs
	go test -timeout 10m ./internal/truth # alone and without the race detector, because it compares times
	go test -race -shuffle=on -timeout 10m ./internal/conformance # alone, because a server without CPU answers late
	@$(MAKE) --no-print-directory --jobs 2 test-runs test-packages

# The command as a process, which the race detector does not see. It waits for containers most of the time, so that
# other packages are tested beside it, at a lower priority.
.PHONY: test-runs
test-runs:
	go test -shuffle=on -timeout 60m ./internal/acceptance

.PHONY: test-packages
test-packages:
	@nice -n 5 scripts/fuzz $(fuzz_seconds)
	nice -n 5 go test -shuffle=on $$(go list ./... | grep -E '$(sequential)')
	nice -n 5 go test -race -shuffle=on -timeout 60m $$(go list ./... | grep -vE '/(truth|conformance|acceptance)$$|$(sequential)')

.PHONY: vuln
vuln: ## compare code and modules with the Go vulnerability database
	@scripts/vuln

.PHONY: sbom
sbom: build ## write bin/plan.cdx.json, the modules of bin/plan as CycloneDX
	@go run ./internal/sbom bin/plan >bin/plan.cdx.json

.PHONY: reproducible
reproducible: ## build the last commit twice, and compare the bytes: some minutes
	@scripts/reproducible

.PHONY: mutants
mutants: ## change the code of verdicts and searches, and check that unit tests fail
	@scripts/mutants $(in)

.PHONY: truth
truth: ## score every strategy on drawn services whose needs are known, and run drawn plans on a simulated machine
	go test ./internal/referee -services $(or $(services),1000) -runs $(or $(runs),1000) -seed $(or $(seed),1) -timeout 1h -v

.PHONY: beside
beside: ## run 20 plans beside busy loops and interference, and check the answers: half an hour
	go test ./internal/acceptance -run '^TestManyRunsBesideOthers$$' -beside $(or $(runs),20) -timeout 2h -v

.PHONY: kinds
kinds: ## draw services that others get wrong, and hold the answers against what is right: some minutes a round
	go test ./internal/acceptance -run '^TestKindsOfServices$$' -kinds $(or $(rounds),3) -timeout 2h -v

.PHONY: golden
golden: ## rewrite the golden files from the current output
	@scripts/golden

.PHONY: clean
clean: ## remove bin
	rm -rf bin
