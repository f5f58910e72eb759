package audience

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// decode returns a request with these objects as its user and device.
func decode(t testing.TB, user, device string) *openrtb.Request {
	t.Helper()
	body := fmt.Sprintf(`{"id":"r","imp":[{"id":"1","banner":{"w":300,"h":250}}],"user":%s,"device":%s}`, user, device)
	r, err := openrtb.NewDecoder(openrtb.DefaultLimits()).Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestKeyTakesTheBestUsableID(t *testing.T) {
	k := newKeyer(t)
	of := func(namespace, id string, exchange event.ExchangeID) UserKey {
		key, ok := k.KeyOf(AssertConsent(), namespace, []byte(id), exchange)
		if !ok {
			t.Fatalf("no key for %s", namespace)
		}
		return key
	}
	const ifa = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
	tests := []struct {
		name, user, device string
		want               UserKey // zero: none
	}{
		{"our own id", `{"buyeruid":"me","id":"theirs"}`, `{"ifa":"` + ifa + `"}`, of("buyeruid", "me", 0)},
		{"the device's id", `{"id":"theirs"}`, `{"ifa":"` + ifa + `"}`, of("ifa", ifa, 0)},
		{"the device's id in upper case", `{}`, `{"ifa":"` + strings.ToUpper(ifa) + `"}`, of("ifa", ifa, 0)},
		{"zeros are no id", `{"id":"theirs"}`, `{"ifa":"00000000-0000-0000-0000-000000000000"}`, of("user", "theirs", 5)},
		{"an extended id", `{"id":"theirs","eids":[{"source":"example.com","uids":[{"id":"e1"}]}]}`, `{}`, of("example.com", "e1", 0)},
		{"a word for none", `{"buyeruid":"null"}`, `{}`, UserKey{}},
		{"no id", `{}`, `{}`, UserKey{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := decode(t, tt.user, tt.device)
			defer r.Release()
			key, ok := best(k, AssertConsent(), r, 5)
			if key != tt.want || ok != (tt.want != UserKey{}) {
				t.Errorf("got another key than wanted, ok %v", ok)
			}
		})
	}
}

// Without a Permit there is no key, whatever the request holds.
func TestZeroPermitYieldsNoKey(t *testing.T) {
	k := newKeyer(t)
	r := decode(t, `{"buyeruid":"me","id":"theirs","eids":[{"source":"example.com","uids":[{"id":"e1"}]}]}`, `{"ifa":"6ba7b810-9dad-11d1-80b4-00c04fd430c8"}`)
	defer r.Release()
	if !r.HasUserID() {
		t.Fatal("the request has no user id: the test tells nothing")
	}
	var none Permit
	if key, ok := best(k, none, r, 1); ok || key != (UserKey{}) {
		t.Error("the zero Permit gave a request's key")
	}
	if key, ok := k.KeyOf(none, "buyeruid", []byte("me"), 1); ok || key != (UserKey{}) {
		t.Error("the zero Permit gave an id's key")
	}
	refusing, err := NewGate(GateConfig{})
	if err != nil {
		t.Fatal(err)
	}
	refused, _, _ := refusing.Ask(&openrtb.Consent{LMT: true}, [3]byte{'U', 'S', 'A'})
	if _, ok := best(k, refused, r, 1); ok {
		t.Error("a refusal gave a key")
	}
	permit, ok, _ := refusing.Ask(&openrtb.Consent{GDPR: 0}, [3]byte{'U', 'S', 'A'})
	if _, keyed := best(k, permit, r, 1); !ok || !keyed {
		t.Error("a Permit gave no key")
	}
}

func TestKeysDiffer(t *testing.T) {
	p := AssertConsent()
	other, err := NewKeyer(KeyerConfig{Secret: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[UserKey]string{}
	for _, c := range []struct {
		what      string
		keyer     *Keyer
		namespace string
		id        string
		exchange  event.ExchangeID
	}{
		{"an id", newKeyer(t), "buyeruid", "a", 0},
		{"another secret", other, "buyeruid", "a", 0},
		{"another id", newKeyer(t), "buyeruid", "b", 0},
		{"another namespace", newKeyer(t), "example.com", "a", 0},
		{"the same letters cut elsewhere", newKeyer(t), "example.co", "ma", 0},
		{"an exchange's id", newKeyer(t), "user", "a", 1},
		{"the same at another exchange", newKeyer(t), "user", "a", 2},
	} {
		key, ok := c.keyer.KeyOf(p, c.namespace, []byte(c.id), c.exchange)
		if !ok {
			t.Fatalf("%s: no key", c.what)
		}
		if was, taken := seen[key]; taken {
			t.Errorf("%s has the key of %s", c.what, was)
		}
		seen[key] = c.what
		kept, _ := p.Keep(key)
		back, permit, ok := ParseKeptKey(kept[:])
		if !ok || back != key || !permit.Allows(CapFrequency) || permit.Allows(SelectAds) {
			t.Errorf("%s: its bytes do not read back", c.what)
		}
		if text := key.appendText(nil); len(text) != keyText || bytes.ContainsAny(text, "{}") {
			t.Errorf("%s: the text has %d characters, want %d and no braces", c.what, len(text), keyText)
		}
	}
	if _, ok := newKeyer(t).KeyOf(p, "user", []byte("a"), 0); ok {
		t.Error("an exchange's id got a key without its exchange")
	}
}

func TestParseKeptKeyRefuses(t *testing.T) {
	key := testKey(t, "me")
	for _, b := range [][]byte{
		nil, {}, make([]byte, 17), make([]byte, 18), make([]byte, 19), key[:],
		append([]byte{'?'}, make([]byte, 17)...),
		append(key[:len(key):len(key)], 0),                    // for nothing
		append(key[:len(key):len(key)], 1<<PreciseLocation),   // which needs no key
		append(key[:len(key):len(key)], 1<<7|1<<CapFrequency), // of a later version
	} {
		if key, p, ok := ParseKeptKey(b); ok || key != (UserKey{}) || p != (Permit{}) {
			t.Errorf("took %d bytes as a kept key", len(b))
		}
	}
}

// A key is kept for what comes after the auction, and not a use more than was
// permitted.
func TestKeep(t *testing.T) {
	key := testKey(t, "me")
	for all := range allUses + 1 {
		p := Permit{all}
		kept, ok := p.Keep(key)
		later := p.Allows(BuildProfile) || p.Allows(CapFrequency) || p.Allows(Measure)
		if ok != later || !ok && kept != (KeptKey{}) {
			t.Fatalf("uses %b: kept %v, want %v", all, ok, later)
		}
		if !ok {
			continue
		}
		back, got, ok := ParseKeptKey(kept[:])
		if !ok || back != key {
			t.Fatalf("uses %b: does not read back", all)
		}
		for _, u := range Uses() {
			after := u == BuildProfile || u == CapFrequency || u == Measure
			if got.Allows(u) != (p.Allows(u) && after) {
				t.Errorf("uses %b: %v is %v afterwards", all, u, got.Allows(u))
			}
		}
	}
}

// A key that slips into a format or a log shows nothing.
func TestKeyPrintsNothing(t *testing.T) {
	key := testKey(t, "me")
	type holder struct{ Key UserKey }
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		fmt.Fprintf(&out, verb+"\n", key)
		fmt.Fprintf(&out, verb+"\n", holder{key})
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("a user", "key", key)
	}
	for _, shown := range []string{
		string(key[:]), string(key.appendText(nil)), fmt.Sprintf("%x", key[:]), fmt.Sprint([]byte(key[1:5]))[1:8],
	} {
		if strings.Contains(out.String(), shown) {
			t.Errorf("a printed key shows itself:\n%s", out.String())
		}
	}
}

func TestKeyerWantsASecret(t *testing.T) {
	for _, n := range []int{0, 15, 65} {
		if _, err := NewKeyer(KeyerConfig{Secret: make([]byte, n)}); err == nil {
			t.Errorf("took a secret of %d bytes", n)
		}
	}
}

func TestKeyAllocatesNothing(t *testing.T) {
	k := newKeyer(t)
	r := decode(t, `{"buyeruid":"some-user-of-ours"}`, `{}`)
	defer r.Release()
	p, ids := AssertConsent(), new(IDs)
	if n := testing.AllocsPerRun(200, func() { k.Find(p, r, 1, ids) }); n > poolSlack {
		t.Errorf("%v allocations, want none", n)
	}
}

// best returns the key of a request's best id.
func best(k *Keyer, p Permit, r *openrtb.Request, exchange event.ExchangeID) (UserKey, bool) {
	var ids IDs
	if !k.Find(p, r, exchange, &ids) {
		return UserKey{}, false
	}
	return ids.Keys()[0], true
}
