# make run     the demo: an exchange in a process of its own, a day in two minutes
# make test    every check: format, vet, staticcheck, all tests with the race detector
# make build   bin/tangent, static
# make bench   Go micro-benchmarks
# make bench-pacing DATA=DIR   play docs/benchmarks/pacing.md anew, over the logs of a folder
# make proto   regenerate event/pb after a change of event.proto

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
PROTOC_GEN  := google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
VERSION     := $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)
LDFLAGS     := -s -w -X main.version=$(VERSION)
DEMO        ?=

export GOFLAGS := -buildvcs=false

.PHONY: run test build bench bench-pacing proto deps

run:
	go run ./cmd/tangent demo $(DEMO)

build:
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/tangent ./cmd/tangent

# -race needs cgo, so vet and staticcheck use it too: one build cache serves all.
test: export CGO_ENABLED = 1
test: deps
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted, run gofmt -w:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	go test -race -timeout 10m ./...
	go test -race -tags invariants -timeout 10m ./openrtb/... ./pacing/... ./bidder/...

bench:
	go test -run '^$$' -bench . -benchmem ./...

# Pairs NAME.train.txt and NAME.test.txt of a folder, and made-up campaigns.
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
