# Two commands do the main jobs, set-up included: make demo, make test.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

fuzz_seconds ?= 5

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The version is the tag that is built; without one the command is "dev", and meets every `requires`.
revision = $(shell git describe --tags --match 'v[0-9]*' --always --dirty 2>/dev/null)
static   = CGO_ENABLED=0 go build -trimpath -ldflags '-X main.revision=$(revision)'

.PHONY: build
build: ## build bin/plan, a static binary
	$(static) -o bin/plan ./cmd/plan

.PHONY: install
install: ## install plan where go install puts commands, or in dir=FOLDER
	$(static) -o "$(or $(dir),$(shell go env GOBIN),$(shell go env GOPATH)/bin)/plan" ./cmd/plan

.PHONY: image
image: build ## make the image plan, of the command alone
	docker build --tag plan .

.PHONY: demo
demo: ## run the whole workflow on a real engine, with stand-ins for what it needs
	@scripts/engine
	@$(MAKE) --no-print-directory build
	@scripts/demo

.PHONY: demo-full
demo-full: ## the same with a real MLflow, MinIO and FastAPI, made from packages; as root on Debian
	@scripts/engine
	@$(MAKE) --no-print-directory build
	@demo/full/demo

.PHONY: demo-full-clean
demo-full-clean: ## remove what demo-full keeps for the next time
	@demo/full/clean

.PHONY: soak
soak: demo-full ## what takes too long for the tests: demo-full, and an hour of fuzzing the HTTP parser
	@scripts/fuzz 1800 engine/http1

bench_flags := rounds seconds repeats shapes peers resume

.PHONY: bench
bench: ## measure the load engine beside other load generators: half an hour
	@$(MAKE) --no-print-directory build
	@scripts/bench $(foreach flag,$(bench_flags),$(if $($(flag)),--$(flag)=$($(flag))))

.PHONY: check
check: ## check the source without an engine: format, vet, staticcheck, golangci-lint, layers, documents
	@scripts/check
	@scripts/lint
	go test ./docs ./internal/layers

# Tests that need no engine, no root and nothing installed, in under 90 s; what uses one of these skips itself.
units = $(shell go list ./... | grep -vE '^plan/internal/(acceptance|conformance|mutants|truth)$$')
no_engine = CI= DOCKER_HOST=unix:///nonexistent/docker.sock

.PHONY: unit
unit: ## run the tests that need no engine, no root and nothing installed
	$(no_engine) go test $(units)

.PHONY: cover
cover: ## the same, with the share of statements that they run: coverage.out, coverage.html
	$(no_engine) go test -coverpkg=./... -coverprofile=coverage.out $(units)
	@go tool cover -html=coverage.out -o coverage.html
	@go tool cover -func=coverage.out | tail -1

.PHONY: test
test: ## check, test and fuzz everything, on a real engine
	@scripts/engine || [ "$${CI:-}" != true ]
	@scripts/tools
	@scripts/check
	@scripts/fuzz $(fuzz_seconds)
	go test -timeout 10m ./internal/truth # it compares times: alone, and without the race detector
	go test -race -shuffle=on -timeout 60m ./internal/acceptance $$(go list ./... | grep -vE '/(truth|acceptance)$$') # the longest first

.PHONY: vuln
vuln: ## hold code and modules against the Go vulnerability database, fetched as a module
	@scripts/vuln

.PHONY: mutants
mutants: ## change the code of verdicts and searches place by place, and see that unit tests notice
	@scripts/mutants $(in)

.PHONY: beside
beside: ## 20 runs beside busy loops and interference, none of which may answer wrongly: half an hour
	go test ./internal/acceptance -run '^TestManyRunsBesideOthers$$' -beside $(or $(runs),20) -timeout 2h -v

.PHONY: golden
golden: ## write the golden files anew from what the code prints now
	@scripts/golden

.PHONY: clean
clean: ## remove what was built
	rm -rf bin
