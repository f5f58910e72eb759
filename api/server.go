package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/clock"
)

// server holds what operations share.
type server struct {
	api      huma.API
	registry huma.Registry
	store    Store
	keys     Keys
	clock    clock.Clock
	log      *slog.Logger
	changed  func()
}

// New returns the handler of everything that the package serves: /v1,
// /openapi.json and /docs. Whoever mounts it sets the server's timeouts
// (ReadHeaderTimeout, ReadTimeout, IdleTimeout) and TLS.
func New(cfg Config) (http.Handler, error) {
	if cfg.Store == nil || cfg.Keys == nil || cfg.Delivery == nil || cfg.Ledger == nil || cfg.Clock == nil || cfg.Service == nil {
		return nil, errors.New("cannot build the API: Store, Keys, Delivery, Ledger, Clock and Service are needed")
	}
	s := &server{store: cfg.Store, keys: cfg.Keys, clock: cfg.Clock, log: cfg.Logger, changed: cfg.Changed}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.changed == nil {
		s.changed = func() {}
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	mux := http.NewServeMux()
	s.registry = huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	s.api = humago.New(mux, humaConfig(cfg.Version, s.registry))
	s.registerKinds()
	s.registerConversionKeys()
	s.registerFees()
	s.registerInventory()
	s.registerRates()
	s.registerDelivery(cfg.Delivery)
	s.registerWhy(cfg.Delivery)
	s.registerFrontier(cfg.Delivery)
	s.registerPacing(cfg.Delivery)
	s.registerPayments(cfg.Ledger, cfg.Delivery)
	s.registerCorrections(cfg.Ledger)
	s.registerGuard(cfg.Ledger)
	s.registerShading(cfg.Ledger)
	s.registerErasures(cfg.Erasures)
	s.registerService(cfg.Service)

	notNull(s.registry)
	document, err := openAPI(s.api)
	if err != nil {
		return nil, fmt.Errorf("cannot write the OpenAPI document: %w", err)
	}
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(document)
	})
	docs, err := docsPage(s.api.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("cannot write the docs page: %w", err)
	}
	mux.HandleFunc("GET /docs", docs)
	return s.front(mux, cfg.Timeout), nil
}

// notNull says of lists in maps that they are lists: what is said of a field
// does not reach them.
func notNull(registry huma.Registry) {
	for _, s := range registry.Map() {
		for _, p := range s.Properties {
			if of, ok := p.AdditionalProperties.(*huma.Schema); ok && of.Type == huma.TypeArray {
				of.Nullable = false
			}
		}
	}
}

func humaConfig(version string, registry huma.Registry) huma.Config {
	json := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: huma.DefaultJSONFormat.Unmarshal}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Tangent control API", Version: version,
				Description: "Advertisers configure campaigns and read their delivery; operators configure exchanges, give credits and stop all bidding. " +
					"Amounts are decimal strings of currency units; times are wall-clock times of the advertiser's time zone. " +
					"Errors are problem details (RFC 9457).",
			},
			Components: &huma.Components{
				Schemas: registry,
				Responses: map[string]*huma.Response{"Problem": {
					Description: "Why the request was not carried out.",
					Content: map[string]*huma.MediaType{
						"application/problem+json": {Schema: registry.Schema(reflect.TypeFor[v1.Problem](), true, "")},
					},
				}},
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"key": {Type: "http", Scheme: "bearer", Description: "An API key: tk_... Keys with the role read may only read."},
				},
			},
			Security: []map[string][]string{{"key": {}}},
		},
		// huma's own pages stay off: they load scripts from elsewhere, and its
		// document is built on first use without a lock.
		Formats:                      map[string]huma.Format{"application/json": json, "json": json},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{quiet},
	}
}

func openAPI(api huma.API) ([]byte, error) {
	data, err := json.Marshal(api.OpenAPI())
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// registerService adds GET /v1/status.
func (s *server) registerService(service func(context.Context) v1.Service) {
	register(s, s.operation(http.MethodGet, "/v1/status", "get", "service status", "Version, roles and readiness of this server", nil),
		func(ctx context.Context, _ *struct{}) (*output[v1.Service], error) {
			return &output[v1.Service]{service(ctx)}, nil
		})
}
