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
	"request":   "id:t imp:imp[] site:site app:app dooh:dooh device:device user:user regs:regs source:source at:i tmax:i test:b cur:T bcat:T acat:T cattax:i badv:D bapp:T wseat:T bseat:T wlang:T allimps:b ext:other",
	"imp":       "id:t tagid:t bidfloor:f bidfloorcur:t secure:b instl:b exp:i banner:banner video:video native:native audio:audio pmp:pmp rwdd:b clickbrowser:b ssai:i qty:qty metric:metric[] displaymanager:t ext:impext",
	"qty":       "multiplier:f",
	"metric":    "type:t value:f",
	"impext":    "rewarded:b prebid:impext",
	"banner":    "id:t w:i h:i format:format[] battr:I btype:I pos:i mimes:T api:I expdir:I vcm:b wmin:i hmin:i wmax:i hmax:i",
	"format":    "w:i h:i wratio:i hratio:i wmin:i",
	"video":     "mimes:T minduration:i maxduration:i rqddurs:I durfloors:durfloor[] protocols:I protocol:i startdelay:i skip:b skipmin:i skipafter:i minbitrate:i maxbitrate:i maxextended:i delivery:I api:I battr:I companionad:banner[] companiontype:I podid:t poddur:i podseq:i slotinpod:i maxseq:i mincpmpersec:f w:i h:i placement:i plcmt:i linearity:i playbackmethod:I playbackend:i boxingallowed:b pos:i ext:impext",
	"audio":     "mimes:T minduration:i maxduration:i rqddurs:I durfloors:durfloor[] protocols:I startdelay:i api:I battr:I companionad:banner[] poddur:i feed:i stitched:b nvol:i",
	"durfloor":  "mindur:i maxdur:i bidfloor:f",
	"native":    "request:nativeas ver:t api:I battr:I",
	"nativereq": "ver:t context:i contextsubtype:i plcmttype:i plcmtcnt:i assets:asset[] eventtrackers:tracker[] privacy:b aurlsupport:b durlsupport:b",
	"asset":     "id:i required:b title:title img:img video:video data:title",
	"title":     "len:i type:i",
	"img":       "type:i w:i h:i wmin:i hmin:i mimes:T",
	"tracker":   "event:i methods:I",
	"pmp":       "private_auction:b deals:deal[]",
	"deal":      "id:t bidfloor:f bidfloorcur:t at:i wseat:T wadomain:D guar:b mincpmpersec:f durfloors:durfloor[]",
	"site":      "id:t name:t domain:t page:t cat:T sectioncat:T pagecat:T cattax:i keywords:t kwarray:T mobile:b privacypolicy:b inventorypartnerdomain:d publisher:publisher content:content",
	"app":       "id:t name:t domain:t bundle:t storeurl:t cat:T publisher:publisher content:content",
	"dooh":      "id:t name:t venuetype:T venuetypetax:i publisher:publisher domain:t",
	"publisher": "id:t name:t cat:T domain:t",
	"content":   "id:t title:t series:t season:t genre:t language:t contentrating:t userrating:t url:t cat:T cattax:i keywords:t kwarray:T len:i livestream:b qagmediarating:i context:i prodq:i embeddable:b channel:channel network:channel data:data[]",
	"channel":   "name:t domain:d",
	"device":    "devicetype:i geo:geo ua:t os:t osv:t make:t model:t language:t carrier:t mccmnc:t connectiontype:i w:i h:i pxratio:f js:b ip:t ipv6:t ifa:t lmt:b dnt:b sua:sua ext:deviceext",
	"deviceext": "ifa_type:t atts:i",
	"sua":       "browsers:brand[] platform:brand mobile:b architecture:t model:t source:i",
	"brand":     "brand:t version:T",
	"geo":       "country:t utcoffset:i lat:f lon:f region:t city:t zip:t metro:t type:i accuracy:i lastfix:i ipservice:i",
	"user":      "id:t buyeruid:t consent:t yob:i gender:t keywords:t data:data[] eids:eid[] ext:userext",
	"userext":   "consent:t eids:eid[]",
	"data":      "id:t name:t segment:segment[] ext:dataext",
	"dataext":   "segtax:i",
	"segment":   "id:t name:t value:t",
	"eid":       "source:t inserter:t matcher:t mm:i uids:uid[]",
	"uid":       "id:t atype:i",
	"source":    "schain:schain ext:sourceext",
	"sourceext": "schain:schain",
	"schain":    "complete:b ver:t nodes:node[]",
	"node":      "asi:d sid:t rid:t name:t domain:d hp:b",
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
	case "nativeas": // a text, mostly
		object := drawValue(t, "nativereq", odd)
		text, err := json.Marshal(object)
		switch {
		case err != nil:
			t.Fatal(err)
		case rapid.IntRange(0, 3).Draw(t, "as an object") == 0:
			return object
		case rapid.IntRange(0, 3).Draw(t, "wrapped") == 0:
			return `{"native":` + string(text) + `}`
		}
		return string(text)
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
