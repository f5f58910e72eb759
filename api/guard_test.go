package api_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/api"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// Given a running installation, when an admin stops the bidding, then the
// ledger has it, with who and why; and when another resumes, too.
func TestGuard(t *testing.T) {
	h := newHarness(t)
	guard := func() (g v1.Guard) {
		h.must("GET", "/v1/guard", "", &g)
		return g
	}
	if g := guard(); g != (v1.Guard{}) {
		t.Errorf("at first: %+v", g)
	}
	h.must("POST", "/v1/guard/stop", `{"reason":"exchange bills twice"}`, nil)
	stored, err := h.ledger.Guard(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if g := guard(); g != v1.Guard(stored) || !g.Stopped || g.Reason != "exchange bills twice" || g.By != "test" || g.At.IsZero() {
		t.Errorf("stopped: %+v, the ledger has %+v", g, stored)
	}

	// What is not accepted changes nothing; a key that may read may read this.
	reader := authorization("Bearer " + h.read)
	for name, c := range map[string]struct {
		body   string
		status int
		edit   func(*http.Request)
	}{
		"no reason":    {`{}`, 422, nil},
		"empty reason": {`{"reason":""}`, 422, nil},
		"long reason":  {`{"reason":"` + strings.Repeat("x", 251) + `"}`, 422, nil},
		"as another":   {`{"reason":"x","by":"somebody"}`, 422, nil},
		"no body":      {``, 400, nil},
		"no JSON":      {`x`, 400, nil},
		"may read":     {`{"reason":"x"}`, 403, reader},
		"nobody":       {`{"reason":"x"}`, 401, authorization("")},
	} {
		edit := c.edit
		if edit == nil {
			edit = func(*http.Request) {}
		}
		for _, verb := range []string{"resume", "stop"} {
			if a := h.send("POST", "/v1/guard/"+verb, c.body, edit); a.status != c.status {
				t.Errorf("%s: %s is answered %d %s", name, verb, a.status, a.body)
			}
		}
	}
	if g := guard(); g != v1.Guard(stored) {
		t.Errorf("what was refused made it %+v", g)
	}
	if a := h.send("GET", "/v1/guard", "", reader); a.status != 200 {
		t.Errorf("a key that may read: %d", a.status)
	}

	// The longest reason, by a key with the longest name.
	plain, _, err := h.store.CreateKey(context.Background(), strings.Repeat("ß", 200), store.RoleAdmin)
	if err != nil {
		t.Fatal(err)
	}
	a := h.send("POST", "/v1/guard/resume", `{"reason":"`+strings.Repeat("🛑", 250)+`"}`, authorization("Bearer "+plain))
	if g := guard(); a.status != 200 || g.Stopped || g.By != strings.Repeat("ß", 200) {
		t.Errorf("%d, %+v", a.status, g)
	}
}

type noLedger struct {
	api.Ledger
	err error
}

func (l noLedger) Guard(context.Context) (ledger.Guard, error) { return ledger.Guard{}, l.err }

func (l noLedger) SetGuard(context.Context, bool, string, string) (ledger.Guard, error) {
	return ledger.Guard{}, l.err
}

// That the ledger could not be told must not look like a success; while the
// database is away the caller hears that another try may do better.
func TestGuardWithoutLedger(t *testing.T) {
	secret := errors.New("secret host refuses")
	for name, c := range map[string]struct {
		err    error
		status int
		retry  string
	}{
		"a bug": {secret, 500, ""},
		"away":  {fmt.Errorf("cannot begin: %w", &net.OpError{Op: "dial", Err: secret}), 503, "5"},
		"slow":  {fmt.Errorf("%w: %w", context.DeadlineExceeded, secret), 503, "5"},
	} {
		h := newHarness(t, func(cfg *api.Config) { cfg.Ledger = noLedger{cfg.Ledger, c.err} })
		for _, a := range []answer{h.send("GET", "/v1/guard", ""), h.send("POST", "/v1/guard/stop", `{"reason":"x"}`)} {
			if a.status != c.status || a.header.Get("Retry-After") != c.retry || strings.Contains(a.body, "secret") {
				t.Errorf("%s: %d %v %s", name, a.status, a.header, a.body)
			}
		}
	}
}

type noKeys struct{ err error }

func (k noKeys) Authenticate(context.Context, string) (store.Key, error) { return store.Key{}, k.err }

// Nor can a key be looked up then: that is not a wrong key.
func TestKeysWhileTheDatabaseIsAway(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.Keys = noKeys{&net.OpError{Op: "dial", Err: errors.New("refused")}} })
	if a := h.send("GET", "/v1/guard", ""); a.status != 503 || a.header.Get("Retry-After") != "5" || !strings.Contains(a.Detail, "the database does not answer") {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
}
