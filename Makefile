# make run     the demo: an exchange in a process of its own, a day in two minutes
# make test    every check: format, vet, staticcheck, all tests, with the race detector
# make build   bin/tangent, static
# make bench   what a bid costs, and the Go micro-benchmarks against the committed ones: 17 minutes of a machine that does nothing else
# make bench-baseline   write docs/benchmarks/micro.txt anew, with which make bench compares
# make bench-report [SOAK=30m]   play docs/benchmarks/speed.md anew, and what docs/sizing.md reckons from it: 45 minutes
# make bench-pacing DATA=DIR   play docs/benchmarks/pacing.md anew, over the logs of a folder
# make proto   regenerate event/pb after a change of event.proto

BENCHSTAT   := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
PROTOC_GEN  := google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
VERSION     := $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)
LDFLAGS     := -s -w -X main.version=$(VERSION)
DEMO        ?=
SOAK        ?= 30m

export GOFLAGS := -buildvcs=false

.PHONY: run test build bench bench-micro bench-baseline bench-report bench-pacing proto deps

run:
	go run ./cmd/tangent demo $(DEMO)

build:
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/tangent ./cmd/tangent

# Two builds serve all. In the image's everything is checked, and packages that test
# less under -race, allocations and days that one goroutine plays, are tested whole.
# The race detector's is without SQLite: that is translated C, most of its memory is
# not Go's, which the detector does not watch, and it would be several times as slow.
# GORACE: nothing runs on at the end of a test, and the detector need not wait for it.
# Who decodes and who bids is tested there with -tags invariants: what is pooled,
# requests, is overwritten when it is given back.
CHECK  := CGO_ENABLED=0 GOFLAGS='$(GOFLAGS) -trimpath'
RACE   := CGO_ENABLED=1 GORACE=atexit_sleep_ms=0 go test -race -vet=off -timeout 20m \
	-gcflags=modernc.org/libc/...=-race=false -gcflags=modernc.org/sqlite/lib=-race=false
NORACE  = $(shell grep -rlx '//go:build !\?race' --include=*_test.go . | xargs -n1 dirname | sort -u)
POOLED := tangent/(openrtb|bidder)(/|$$)
test: deps
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted, run gofmt -w:"; echo "$$unformatted"; exit 1; }
	$(CHECK) go vet ./...
	$(CHECK) go run $(STATICCHECK) ./...
	$(CHECK) go test -vet=off $(NORACE) ./openrtb/... ./bidder/...
	all=$$(go list ./...) && $(RACE) $$(echo "$$all" | grep -vE '$(POOLED)')
	all=$$(go list ./...) && $(RACE) -tags invariants $$(echo "$$all" | grep -E '$(POOLED)')

bench: build
	bin/tangent loadtest bench --json bin/speed.json
	@$(MAKE) --no-print-directory bench-micro > bin/micro.txt
	go run $(BENCHSTAT) docs/benchmarks/micro.txt bin/micro.txt

# What runs for every bid request and notice, six times each: three minutes.
# All others: go test -run '^$$' -bench . ./...
MICRO = @go test -run '^$$' -benchmem -benchtime 200ms -count 6 -timeout 10m -bench
bench-micro:
	$(MICRO) 'Handle$$/line_items=(1|1000|10000)$$' ./bidder
	$(MICRO) '(Decode|AppendResponse|Seal|Open)$$//tangent' ./openrtb
	$(MICRO) 'First$$/^(1000|10000)$$' ./campaign/catalog
	$(MICRO) '(Load|Ask|Key)$$' ./audience
	$(MICRO) '(Hold|Life)$$' ./pacing
	$(MICRO) 'Price$$' ./landscape
	$(MICRO) 'Notice$$' ./tracking
	$(MICRO) '(Encode|Decode)$$' ./event

bench-baseline:
	@$(MAKE) --no-print-directory bench-micro > docs/benchmarks/micro.txt

bench-report: build
	bin/tangent loadtest bench --duration 3s --rounds 3 --try GOGC=200 --try 'GOGC=400 GOMEMLIMIT=2GiB' --users-cached 1000000 --soak $(SOAK) --report docs/benchmarks
	bin/tangent loadtest sizing --from docs/benchmarks/speed.json --page docs/sizing.md

# Pairs NAME.train.txt and NAME.test.txt of a folder, and all made-up campaigns.
bench-pacing:
	go run ./cmd/tangent replay --report docs/benchmarks \
		$(foreach f,$(wildcard $(DATA)/*.train.txt),--train $(f) --data $(f:.train.txt=.test.txt))

proto:
	GOBIN=$(CURDIR)/bin go install $(PROTOC_GEN)
	PATH=$(CURDIR)/bin:$$PATH go generate ./event/pb

# What the tests need beside Go: a C compiler for the race detector, a real
# Redis, a real PostgreSQL, and strace to see that what we acknowledge was synced.
deps:
	@deploy/test-deps.sh
