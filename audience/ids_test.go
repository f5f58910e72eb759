package audience

import (
	"fmt"
	"testing"
)

// Ids are found in the order that is set, at most three, none twice.
func TestFindKeepsTheOrder(t *testing.T) {
	const user = `{"id":"theirs","buyeruid":"ours","eids":[
		{"source":"One.example","uids":[{"id":"a","atype":1},{"id":"b","atype":3}]},{"source":"two.example","uids":[{"id":"c"}]},{"source":"ifa","uids":[{"id":"d"}]}]}`
	for _, tt := range []struct{ order, user, device, want string }{
		{"", user, `{"ifa":"D1"}`, "buyeruid ifa eid"},
		{"user,buyeruid", user, `{"ifa":"D1"}`, "user buyeruid"},
		{"eids", user, `{}`, "eid eid eid"},
		{"eids/3", user, `{}`, "eid"},
		{"one.example/1/3,buyeruid", user, `{}`, "eid eid buyeruid"},
		{"one.example/7,eids,user", user, `{}`, "eid user"},
		{"ifa,user", `{}`, `{"ifa":"D1","ext":{"ifa_type":"IDFA"}}`, "idfa"},
		{"ifa,user", `{}`, `{"ifa":"D1","ext":{"ifa_type":"aaid"}}`, "gaid"},
		{"ifa,user", `{}`, `{"ifa":"D1","ext":{"ifa_type":"oaid"}}`, "oaid"},
		{"ifa,user", `{}`, `{"ifa":"20220111_D1","ext":{"ifa_type":"caid"}}`, "caid"},
		{"ifa,user", `{"id":"theirs"}`, `{"ifa":"D1","ext":{"ifa_type":"sspid"}}`, "user user"},
		{"ifa,user", `{"id":"D1"}`, `{"ifa":"D1","ext":{"ifa_type":"sspid"}}`, "user"},
		{"ifa,user", `{"id":"theirs"}`, `{"ifa":"D1","ext":{"ifa_type":"sessionid"}}`, "user"},
		{"ifa", `{}`, `{"ifa":"D1","ext":{"ifa_type":"ppid"}}`, ""},
	} {
		k, err := NewKeyer(KeyerConfig{Secret: make([]byte, 32), Order: tt.order})
		if err != nil {
			t.Fatal(err)
		}
		r := decode(t, tt.user, tt.device)
		var ids IDs
		k.Find(AssertConsent(), r, 5, &ids)
		r.Release()
		got := ""
		for i := range ids.Keys() {
			got += " " + ids.Source(i).String()
		}
		if got = fmt.Sprint(got[min(len(got), 1):]); got != tt.want {
			t.Errorf("order %q, device %s: %q, want %q", tt.order, tt.device, got, tt.want)
		}
	}
}

func TestParseIDOrderRefuses(t *testing.T) {
	for _, order := range []string{"x", "buyeruid,", "buyeruid,buyeruid", "ifa/1", "eids/0", "a.example/x", "a.example/64", ",", "a.example/"} {
		if CheckIDOrder(order) == nil {
			t.Errorf("took %q", order)
		}
	}
}

// An import, an erasure and a request give one id one key, however they write
// its source.
func TestSourcesHaveOneName(t *testing.T) {
	k := newKeyer(t)
	of := func(text string) UserKey {
		key, ok := k.KeyOfText(AssertConsent(), text)
		if !ok {
			t.Fatalf("no key for %s", text)
		}
		return key
	}
	if of("Id.Example:x") != of("id.example:x") || of("idfa:X") != of("ifa:x") || of("oaid:x") != of("ifa:x") {
		t.Error("one id has two keys")
	}
}
