package api_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/api"
	"github.com/tangent-dsp/tangent/campaign/store"
)

func authorization(header string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", header) }
}

func TestKeysDecideWhoMayDoWhat(t *testing.T) {
	h := newHarness(t)
	revoked, key, err := h.store.CreateKey(context.Background(), "gone", store.RoleAdmin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.RevokeKey(context.Background(), key.ID); err != nil {
		t.Fatal(err)
	}
	before := h.stored()
	for name, c := range map[string]struct {
		header      string
		read, write int // statuses
	}{
		"admin":          {"Bearer " + h.admin, 200, 0},
		"other case":     {"bearer  " + h.admin, 200, 0},
		"read":           {"Bearer " + h.read, 200, 403},
		"none":           {"", 401, 401},
		"no scheme":      {h.admin, 401, 401},
		"basic":          {"Basic " + h.admin, 401, 401},
		"unknown":        {"Bearer tk_" + strings.Repeat("a", len(h.admin)-3), 401, 401},
		"revoked":        {"Bearer " + revoked, 401, 401},
		"cut":            {"Bearer " + h.admin[:len(h.admin)-1], 401, 401},
		"longer":         {"Bearer " + h.admin + "a", 401, 401},
		"very long":      {"Bearer tk_" + strings.Repeat("a", 10_000), 401, 401},
		"without prefix": {"Bearer " + strings.TrimPrefix(h.admin, "tk_"), 401, 401},
	} {
		t.Run(name, func(t *testing.T) {
			read := h.send("GET", "/v1/advertisers", "", authorization(c.header))
			if read.status != c.read {
				t.Errorf("reading: %d, want %d", read.status, c.read)
			}
			if c.write == 0 {
				return
			}
			write := h.send("POST", "/v1/advertisers", advertiserBody, authorization(c.header))
			if write.status != c.write {
				t.Errorf("writing: %d, want %d", write.status, c.write)
			}
			if write.status != 401 {
				return
			}
			if write.header.Get("WWW-Authenticate") == "" {
				t.Error("no WWW-Authenticate")
			}
			if write.Detail != "a valid API key is needed: Authorization: Bearer tk_..." {
				t.Errorf("the detail tells more: %s", write.Detail)
			}
		})
	}
	if h.stored() != before {
		t.Error("the store changed")
	}
	if strings.Contains(h.log.String(), "tk_") {
		t.Error("a key was logged")
	}
}

// Every path below /v1 that the document lists wants a key.
func TestNothingBelowV1IsOpen(t *testing.T) {
	h := newHarness(t)
	for _, op := range operations(t) {
		path := strings.ReplaceAll(op.path, "{id}", "1")
		if a := h.send(op.method, path, `{}`, authorization("")); a.status != http.StatusUnauthorized {
			t.Errorf("%s %s without a key: %d", op.method, op.path, a.status)
		}
		if op.method == http.MethodGet {
			continue
		}
		if a := h.send(op.method, path, `{}`, authorization("Bearer "+h.read)); a.status != http.StatusForbidden {
			t.Errorf("%s %s with a key that may read: %d", op.method, op.path, a.status)
		}
	}
}

// A key in a URL would end up in logs of proxies: it is not looked at.
func TestKeyInURLDoesNotCount(t *testing.T) {
	h := newHarness(t)
	for _, query := range []string{"key=", "api_key=", "access_token="} {
		if a := h.send("GET", "/v1/advertisers?"+query+h.admin, "", authorization("")); a.status != 401 {
			t.Errorf("%s: %d", query, a.status)
		}
	}
}

type brokenKeys struct{}

func (brokenKeys) Authenticate(context.Context, string) (store.Key, error) {
	return store.Key{}, errors.New("disk I/O error at /var/lib/secret")
}

func TestInternalErrorsStayInside(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.Keys = brokenKeys{} })
	a := h.send("GET", "/v1/advertisers", "")
	if a.status != 500 || strings.Contains(a.body, "disk") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if log := h.log.String(); !strings.Contains(log, "disk I/O error") || strings.Contains(log, h.admin) {
		t.Errorf("the log should have the error and no key: %s", log)
	}
}
