package openrtb

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// schema is the objects that the decoder reads: for each, its keys and what
// belongs there: t(ext), d(omain), i(nteger), f(loat), b(it), T, I and D lists of such, or
// the name of an object, with [] for a list of it.
var schema = map[string]string{
	"request":   "id:t imp:imp[] site:site app:app device:device user:user regs:regs at:i tmax:i test:b cur:T bcat:T acat:T cattax:i badv:D bapp:T wseat:T bseat:T ext:other",
	"imp":       "id:t tagid:t bidfloor:f bidfloorcur:t secure:b instl:b exp:i banner:banner video:other native:other audio:other pmp:pmp",
	"banner":    "w:i h:i format:format[] battr:I btype:I pos:i",
	"format":    "w:i h:i",
	"pmp":       "private_auction:b deals:deal[]",
	"deal":      "id:t bidfloor:f bidfloorcur:t at:i",
	"site":      "id:t domain:t page:t cat:T publisher:publisher",
	"app":       "id:t domain:t bundle:t cat:T publisher:publisher",
	"publisher": "id:t",
	"device":    "devicetype:i geo:geo ua:t os:t language:t ip:t ipv6:t ifa:t lmt:b dnt:b",
	"geo":       "country:t utcoffset:i",
	"user":      "id:t buyeruid:t consent:t eids:eid[] ext:userext",
	"userext":   "consent:t eids:eid[]",
	"eid":       "source:t uids:uid[]",
	"uid":       "id:t",
	"regs":      "coppa:b gdpr:b us_privacy:t gpp:t gpp_sid:I ext:regsext",
	"regsext":   "coppa:b gdpr:b us_privacy:t gpp:t gpp_sid:I",
	"other":     "",
}

// drawValue draws what belongs to a place, or, odd times out of a hundred,
// anything at all.
func drawValue(t *rapid.T, kind string, odd int) any {
	if rapid.IntRange(0, 99).Draw(t, "odds") < odd {
		return rapid.SampledFrom([]any{
			nil, true, false, "", "1", "0", "-1", "100.0", "x", "\u00e9\"\\", 0, 1, 2, -1, 1.5, 1e3, json.Number("1.0"), json.Number("1E2"), json.Number("123456789012345678901"),
			[]any{}, []any{nil}, []any{1, "a"}, []any{[]any{}}, map[string]any{}, map[string]any{"id": 1},
		}).Draw(t, "anything")
	}
	switch kind {
	case "t":
		return rapid.SampledFrom([]string{"a", "B.Example", "de", "USA", "USD", "eur", "https://A.example/x", "0000-00", "\u00fc\n", "\U0001F600", "longer than eight bytes"}).Draw(t, "text")
	case "i":
		return rapid.SampledFrom([]int{0, 1, 2, 3, 50, 300, 1 << 20}).Draw(t, "integer")
	case "f":
		return rapid.SampledFrom([]any{0, 1, 0.5, 12.345678, 0.1234567, 0.12345678901, 3e-7, 1e5}).Draw(t, "float")
	case "b":
		return rapid.IntRange(0, 1).Draw(t, "bit")
	case "d":
		return rapid.SampledFrom([]string{"a.example", "B.Example", "https://c.example/x?y", "*.d.example", "www.e.example.", " f.example:443/", "www.com", "//g.example", "u@h.example",
			"\u00fc.example", "i..example", "k, l", "https:m.example", "*", "/"}).Draw(t, "domain")
	case "T", "I", "D":
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			list = append(list, drawValue(t, strings.ToLower(kind), odd))
		}
		return list
	}
	if kind, ok := strings.CutSuffix(kind, "[]"); ok {
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			list = append(list, drawValue(t, kind, odd))
		}
		return list
	}
	object := map[string]any{}
	for _, field := range strings.Fields(schema[kind]) {
		key, kind, _ := strings.Cut(field, ":")
		if rapid.IntRange(0, 2).Draw(t, "is there") > 0 {
			object[key] = drawValue(t, kind, odd)
		}
	}
	if rapid.Bool().Draw(t, "more") {
		object["unknown"] = drawValue(t, "other", 100)
	}
	return object
}

// TestDrawnRequests holds the laws to requests of which each field is drawn:
// right ones, ones with a few odd values, and ones with many.
func TestDrawnRequests(t *testing.T) {
	d := NewDecoder(Limits{})
	for name, odd := range map[string]int{"right": 0, "a few odd values": 2, "many odd values": 25} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				object, ok := drawValue(rt, "request", odd).(map[string]any)
				if !ok {
					return
				}
				object["id"] = "1"
				body, err := json.Marshal(object)
				if err != nil {
					rt.Fatal(err)
				}
				checkLaws(t, d, body)
			})
		})
	}
}
