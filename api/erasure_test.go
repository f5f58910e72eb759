package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/api"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/audience"
)

// erasing stands for the audience.
type erasing struct {
	users  []audience.UserKey
	optOut bool
	fails  error
}

func (e *erasing) Erase(_ context.Context, optOut bool, users ...audience.UserKey) (audience.Erased, error) {
	e.users, e.optOut = users, optOut
	return audience.Erased{IDs: len(users) + 1, Segments: 2, Exposures: 1, Matches: 3}, e.fails
}

func newErasing(t *testing.T) (*erasing, *audience.Keyer, *harness) {
	t.Helper()
	keyer, err := audience.NewKeyer(audience.KeyerConfig{Secret: []byte("0123456789abcdef")})
	if err != nil {
		t.Fatal(err)
	}
	e := new(erasing)
	return e, keyer, newHarness(t, func(c *api.Config) { c.Erasures = api.Erasures{Eraser: e, Keyer: keyer} })
}

// Given ids of every kind, when they are erased, then the audience is told
// their keys, and the answer is what it found.
func TestErasure(t *testing.T) {
	e, keyer, h := newErasing(t)
	var exchange v1.Exchange
	h.must("POST", "/v1/exchanges", exchangeBody, &exchange)
	body, _ := json.Marshal(v1.ErasureSpec{OptOut: true, Users: []v1.UserID{
		{Kind: "buyeruid", Value: "secret-own"},
		{Kind: "user", Value: "secret-theirs", ExchangeID: exchange.ID},
		{Kind: "gaid", Value: "SECRET-DEVICE"},
		{Kind: "eid", Value: "secret-eid", Source: "id.example.com"},
	}})
	var got v1.Erasure
	h.must("POST", "/v1/erasures", string(body), &got)
	if want := (v1.Erasure{IDs: 5, Segments: 2, Exposures: 1, Matches: 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	var want []audience.UserKey
	for _, id := range []struct{ namespace, id string }{
		{"buyeruid", "secret-own"}, {"user", "secret-theirs"}, {"ifa", "secret-device"}, {"id.example.com", "secret-eid"},
	} {
		key, ok := keyer.KeyToForget(id.namespace, []byte(id.id), exchange.ID)
		if !ok {
			t.Fatal(id.namespace)
		}
		want = append(want, key)
	}
	if len(e.users) != len(want) || !e.optOut {
		t.Fatalf("%d users, opt-out %v", len(e.users), e.optOut)
	}
	for i := range want {
		if e.users[i] != want[i] {
			t.Errorf("id %d has another key", i)
		}
	}

	// When the audience is away, then that is said, and nobody's id.
	e.fails = errors.New("it is away")
	a := h.send("POST", "/v1/erasures", string(body))
	if a.status != 503 || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %v", a.status, a.header)
	}
	if all := strings.ToLower(a.body + h.log.String()); strings.Contains(all, "secret") || !strings.Contains(all, "away") {
		t.Errorf("it says %s", all)
	}
}

func TestErasureRefused(t *testing.T) {
	e, _, h := newErasing(t)
	reader := authorization("Bearer " + h.read)
	for name, c := range map[string]struct {
		users  string
		status int
		place  string
	}{
		"nobody":             {`[]`, 422, "body.users"},
		"kind":               {`[{"kind":"email","value":"secret"}]`, 422, "body.users[0].kind"},
		"empty":              {`[{"kind":"ifa","value":""}]`, 422, "body.users[0].value"},
		"zeros":              {`[{"kind":"ifa","value":"x"},{"kind":"ifa","value":"0000-0000"}]`, 422, "body.users[1].value"},
		"eid without source": {`[{"kind":"eid","value":"secret"}]`, 422, "body.users[0].source"},
		"eid without domain": {`[{"kind":"eid","value":"secret","source":"ifa"}]`, 422, "body.users[0].source"},
		"whose id":           {`[{"kind":"user","value":"secret"}]`, 422, "body.users[0].exchange_id"},
		"unknown exchange":   {`[{"kind":"user","value":"secret","exchange_id":77}]`, 422, "body.users[0].exchange_id"},
		"exchange of none":   {`[{"kind":"ifa","value":"secret","exchange_id":1}]`, 422, "body.users[0].exchange_id"},
	} {
		a := h.send("POST", "/v1/erasures", `{"users":`+c.users+`}`)
		if a.status != c.status || !strings.Contains(a.places(), c.place) || strings.Contains(a.body, "secret") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := h.send("POST", "/v1/erasures", `{"users":[{"kind":"ifa","value":"x"}]}`, reader); a.status != 403 {
		t.Errorf("a key that may read: %d", a.status)
	}
	if e.users != nil {
		t.Error("somebody was erased")
	}
	if strings.Contains(h.log.String(), "secret") {
		t.Errorf("the log has an id: %s", h.log.String())
	}
}

// Without an audience the answer says what to set.
func TestErasureWithoutAudience(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.Erasures.Missing = "set audience" })
	if a := h.send("POST", "/v1/erasures", `{"users":[{"kind":"ifa","value":"x"}]}`); a.status != 501 || !strings.Contains(a.Detail, "set audience") {
		t.Errorf("%d %s", a.status, a.body)
	}
}
