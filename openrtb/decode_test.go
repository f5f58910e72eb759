package openrtb

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// minimal is a request with one member put in.
func minimal(member string) string {
	return `{"id":"1","imp":[{"id":"1","banner":{"w":1,"h":1}}],` + member + `}`
}

// inImp is a request with one member put into its imp.
func inImp(member string) string { return `{"id":"1","imp":[{"id":"1",` + member + `}]}` }

// lenientCases are requests as exchanges send them, what must be seen in them,
// and how many values cannot be read.
type lenientCase struct {
	name, body string
	unread     int
	want       func(r *Request) bool
}

var lenientCases = []lenientCase{
	{"numbers as text", minimal(`"tmax":"120","at":"1"`), 0, func(r *Request) bool { return r.TMax == 120 && r.AuctionType == 1 }},
	{"whole floats", inImp(`"banner":{"w":300.0,"h":2.5e2}`), 0, func(r *Request) bool { return r.Imps[0].Banner.Sizes[0] == Size{300, 250} }},
	{"a width in parts", inImp(`"banner":{"w":300.5,"h":250}`), 1, func(r *Request) bool { return len(r.Imps[0].Banner.Sizes) == 0 }},
	{"tmax in parts", minimal(`"tmax":86.7`), 0, func(r *Request) bool { return r.TMax == 86 }},
	{"negative tmax", minimal(`"tmax":-5`), 1, func(r *Request) bool { return r.TMax == 0 }},
	{"nulls", `{"id":"1","imp":[{"id":"1","banner":null,"pmp":null,"bidfloor":null},null],"site":null,"user":null,"cur":null,"badv":null,"at":null}`, 0,
		func(r *Request) bool {
			return len(r.Imps) == 1 && r.Imps[0].Banner == nil && !r.Imps[0].FloorBad && r.Site == nil && r.AuctionType == 2
		}},
	{"empty arrays for objects", minimal(`"user":[],"regs":[ ],"device":[]`), 0, func(r *Request) bool { return !r.Consent.Unreadable }},
	{"empty text for numbers", minimal(`"test":"","at":"","tmax":""`), 0, func(r *Request) bool { return r.AuctionType == 2 }},
	{"numbers for text", `{"id":17,"imp":[{"id":2,"banner":{}}]}`, 0, func(r *Request) bool { return string(r.ID) == "17" && string(r.Imps[0].ID) == "2" }},
	{"one text for a list", minimal(`"cur":"eur"`), 0, func(r *Request) bool { return len(r.Currencies) == 1 && string(r.Currencies[0]) == "EUR" }},
	{"cur is an object", minimal(`"cur":{}`), 1, func(r *Request) bool { return len(r.Currencies) == 1 && len(r.Currencies[0]) == 0 }},
	{"at is garbage", minimal(`"at":"first"`), 1, func(r *Request) bool { return r.AuctionType == 1 }},
	{"cattax is garbage", minimal(`"cattax":[3]`), 1, func(r *Request) bool { return r.CategoryTaxonomy == -1 }},
	{"unknown enum values", minimal(`"at":777,"cattax":99`), 0, func(r *Request) bool { return r.AuctionType == 777 && r.CategoryTaxonomy == 99 }},

	{"floor as text", inImp(`"bidfloor":"0.3"`), 0, func(r *Request) bool { return r.Imps[0].Floor == 300_000 }},
	{"floor of a float", inImp(`"bidfloor":0.30000000000000004`), 0, func(r *Request) bool { return r.Imps[0].Floor == 300_001 }},
	{"floor with exponent", inImp(`"bidfloor":15e-1`), 0, func(r *Request) bool { return r.Imps[0].Floor == 1_500_000 }},
	{"floor below a nano", inImp(`"bidfloor":1e-7`), 0, func(r *Request) bool { return r.Imps[0].Floor == 1 }},
	{"floor is garbage", inImp(`"bidfloor":"cheap"`), 1, func(r *Request) bool { return r.Imps[0].FloorBad }},
	{"floor is negative", inImp(`"bidfloor":-1`), 1, func(r *Request) bool { return r.Imps[0].FloorBad }},
	{"floor is huge", inImp(`"bidfloor":1e300`), 1, func(r *Request) bool { return r.Imps[0].FloorBad }},
	{"floor currency is an object", inImp(`"bidfloor":1,"bidfloorcur":{}`), 1, func(r *Request) bool { return r.Imps[0].FloorBad }},
	{"floor currency in lower case", inImp(`"bidfloorcur":"usd"`), 0, func(r *Request) bool { return string(r.Imps[0].FloorCurrency) == "USD" }},
	{"secure is garbage", inImp(`"secure":"yes"`), 1, func(r *Request) bool { return r.Imps[0].Secure }},
	{"booleans for flags", inImp(`"secure":true,"instl":false`), 0, func(r *Request) bool { return r.Imps[0].Secure && !r.Imps[0].Interstitial }},

	{"badv is garbage", minimal(`"badv":[{"domain":"a.example"}]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"bcat has a null", minimal(`"bcat":["IAB1",null,""]`), 0, func(r *Request) bool { return !r.Imps[0].BlocksBad && len(r.BlockedCategories) == 1 }},
	{"badv in other spellings", minimal(`"badv":["https://A.example/","*.b.example","c.example/path","www.d.example","E.EXAMPLE","f.example.",".g.example","http://u:p@h.example:8080?x#y"," //www.i.example.:443/ ","www.com"]`), 0,
		func(r *Request) bool {
			return !r.Imps[0].BlocksBad && string(bytes.Join(r.BlockedAdvertisers, []byte(" "))) == "a.example b.example c.example d.example e.example f.example g.example h.example i.example www.com"
		}},
	{"badv has two domains in one text", minimal(`"badv":["a.example, b.example","c.example"]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad && len(r.BlockedAdvertisers) == 1 }},
	{"badv is a wildcard", minimal(`"badv":["*"]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"badv ends in anything", minimal(`"badv":["*shoes.example"]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"badv in other letters", minimal(`"badv":["b\u00fccher.example"]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"badv with an odd port", minimal(`"badv":["https:a.example"]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"badv with an empty label", minimal(`"badv":["a..example"]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"badv has a number", minimal(`"badv":["a.example",5]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"badv is a number", minimal(`"badv":5`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"badv is one text", minimal(`"badv":"a.example"`), 0, func(r *Request) bool { return !r.Imps[0].BlocksBad && len(r.BlockedAdvertisers) == 1 }},
	{"bcat has a number", minimal(`"bcat":["IAB1",-5.0]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"bapp has a boolean", minimal(`"bapp":[true]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"bseat has a number", minimal(`"bseat":[5]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"wseat has a number", minimal(`"wseat":[5]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"wseat names nobody", minimal(`"wseat":["",null]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"acat", minimal(`"acat":["IAB1","IAB2-3"]`), 0, func(r *Request) bool { return !r.Imps[0].BlocksBad && len(r.AllowedCategories) == 2 }},
	{"acat is empty", minimal(`"acat":[]`), 0, func(r *Request) bool { return !r.Imps[0].BlocksBad && len(r.AllowedCategories) == 0 }},
	{"acat names nothing", minimal(`"acat":[""]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"acat has a number", minimal(`"acat":["IAB1",5]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"acat is garbage", minimal(`"acat":{"IAB1":1}`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"battr is garbage", inImp(`"banner":{"battr":"all"}`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"battr as text", inImp(`"banner":{"battr":["1",2.0]}`), 0, func(r *Request) bool { return fmt.Sprint(r.Imps[0].Banner.BlockedAttributes) == "[1 2]" }},

	{"a private auction that cannot be read", inImp(`"pmp":"deals"`), 1, func(r *Request) bool { return r.Imps[0].PrivateAuction }},
	{"a deal without a readable floor", inImp(`"pmp":{"private_auction":1,"deals":[{"id":"a","bidfloor":{}},{"id":"b"},{"bidfloor":1}]}`), 1,
		func(r *Request) bool { return len(r.Imps[0].Deals) == 1 && string(r.Imps[0].Deals[0].ID) == "b" }},
	{"a deal's currency is its own", inImp(`"bidfloorcur":"GBP","pmp":{"deals":[{"id":"a","bidfloor":2}]}`), 0,
		func(r *Request) bool { return len(r.Imps[0].Deals[0].FloorCurrency) == 0 }},
	{"imps without an id", `{"id":"1","imp":[{"banner":{}},{"id":"2"}]}`, 1, func(r *Request) bool { return len(r.Imps) == 1 }},
	{"no imps at all", `{"id":"1"}`, 0, func(r *Request) bool { return len(r.Imps) == 0 }},
	{"an imp's name in OpenRTB 1", `{"id":"1","imp":[{"impid":"x"}]}`, 0, func(r *Request) bool { return string(r.Imps[0].ID) == "x" }},
	{"sizes in any order, each once", inImp(`"banner":{"format":[{"w":300,"h":250},{"w":0,"h":9},{"w":1,"h":2}],"h":250,"w":300}`), 0,
		func(r *Request) bool { return fmt.Sprint(r.Imps[0].Banner.Sizes) == "[{300 250} {1 2}]" }},

	{"country of two letters", minimal(`"device":{"geo":{"country":"de"}}`), 0, func(r *Request) bool { return string(r.Device.Country[:]) == "DEU" }},
	{"country of three letters", minimal(`"device":{"geo":{"country":"usa"}}`), 0, func(r *Request) bool { return string(r.Device.Country[:]) == "USA" }},
	{"no country", minimal(`"device":{"geo":{"country":"Germany"}}`), 1, func(r *Request) bool { return r.Device.Country == [3]byte{} }},
	{"the page's host for the domain", minimal(`"site":{"page":"https://me@WWW.Example.com:443/A?b"}`), 0,
		func(r *Request) bool { return string(r.Site.Domain) == "www.example.com" }},
	{"escapes in keys and texts", `{"\u0069d":"a\/\"\\\u00e9\ud83d\ude00\ud800\n","imp":[]}`, 0,
		func(r *Request) bool { return string(r.ID) == "a/\"\\é😀\uFFFD\n" }},
	{"keys have a case", minimal(`"TMAX":5`), 0, func(r *Request) bool { return r.TMax == 0 }},
	{"what we do not read may repeat", minimal(`"x":1,"x":2,"ext":{"id":1,"id":2}`), 0, func(r *Request) bool { return true }},

	{"consent in OpenRTB 2.5's places", minimal(`"user":{"ext":{"consent":"C","eids":[{"source":"a.example","uids":[{"id":"7"}]}]}},"regs":{"ext":{"gdpr":1,"us_privacy":"1YN-","gpp":"G","gpp_sid":[7],"gpc":"1"}}`), 0,
		func(r *Request) bool {
			c := &r.Consent
			return string(c.TCF) == "C" && c.GDPR == 1 && string(c.USPrivacy) == "1YN-" && string(c.GPP) == "G" &&
				c.GPPSections[0] == 7 && c.GPC && len(r.user.eids) == 1
		}},
	{"consent in both places", minimal(`"user":{"ext":{"consent":"C"},"consent":"C"},"regs":{"ext":{"gdpr":1,"us_privacy":"1YNN","gpp":"G","gpp_sid":[7,8]},"gdpr":0,"us_privacy":"1YNN","gpp":"G","gpp_sid":[7,8]}`), 0,
		func(r *Request) bool {
			return string(r.Consent.TCF) == "C" && r.Consent.GDPR == 1 && !r.Consent.Unreadable
		}},
	{"the GDPR applies in one place", minimal(`"regs":{"gdpr":1,"ext":{"gdpr":0}}`), 0, func(r *Request) bool { return r.Consent.GDPR == 1 && !r.Consent.Unreadable }},
	{"two consents", minimal(`"user":{"ext":{"consent":"old"},"consent":"new"}`), 0, func(r *Request) bool { return r.Consent.Unreadable }},
	{"two opinions of sale", minimal(`"regs":{"us_privacy":"1YNN","ext":{"us_privacy":"1YYN"}}`), 0, func(r *Request) bool { return r.Consent.Unreadable }},
	{"two GPP strings", minimal(`"regs":{"gpp":"G","ext":{"gpp":"H"}}`), 0, func(r *Request) bool { return r.Consent.Unreadable }},
	{"two lists of GPP sections", minimal(`"regs":{"gpp_sid":[7],"ext":{"gpp_sid":[7,8]}}`), 0, func(r *Request) bool { return r.Consent.Unreadable }},
	{"no consent said", minimal(`"tmax":1`), 0, func(r *Request) bool { return r.Consent.GDPR == -1 && !r.Consent.Unreadable }},
	{"no ext", minimal(`"regs":{"coppa":1}`), 0, func(r *Request) bool { return r.Consent.GDPR == -1 && r.Consent.COPPA }},
	{"gdpr is garbage", minimal(`"regs":{"gdpr":"maybe"}`), 1, func(r *Request) bool { return r.Consent.Unreadable }},
	{"gdpr is 2", minimal(`"regs":{"ext":{"gdpr":2}}`), 1, func(r *Request) bool { return r.Consent.Unreadable }},
	{"consent is an object", minimal(`"user":{"consent":{}}`), 1, func(r *Request) bool { return r.Consent.Unreadable }},
	{"regs is text", minimal(`"regs":"none"`), 1, func(r *Request) bool { return r.Consent.Unreadable }},
	{"user.ext is text", minimal(`"user":{"ext":"x"}`), 1, func(r *Request) bool { return r.Consent.Unreadable }},
	{"device is a number", minimal(`"device":1`), 1, func(r *Request) bool { return r.Consent.Unreadable }},
	{"lmt is text", minimal(`"device":{"lmt":"1","dnt":1.0}`), 0, func(r *Request) bool { return r.Consent.LMT && r.Consent.DNT }},
	{"att", minimal(`"device":{"ext":{"atts":2}}`), 0, func(r *Request) bool { return r.Consent.HasATT && r.Consent.ATT == 2 }},
	{"att not said", minimal(`"device":{"ext":{"x":2}}`), 0, func(r *Request) bool { return !r.Consent.HasATT && !r.Consent.Unreadable }},
	{"att is 4", minimal(`"device":{"ext":{"atts":4}}`), 1, func(r *Request) bool { return r.Consent.Unreadable && !r.Consent.HasATT }},
	{"att is text", minimal(`"device":{"ext":{"atts":"yes"}}`), 1, func(r *Request) bool { return r.Consent.Unreadable }},
	{"device.ext is text", minimal(`"device":{"ext":"x"}`), 1, func(r *Request) bool { return r.Consent.Unreadable }},
	{"china's law", minimal(`"regs":{"ext":{"pipl":1}},"user":{"ext":{"pipl_consent":"1"}}`), 0,
		func(r *Request) bool { return r.Consent.PIPL && r.Consent.HasPIPLConsent && r.Consent.PIPLConsent }},
	{"china's law, refused", minimal(`"regs":{"pipl":1},"user":{"ext":{"pipl_consent":0}}`), 0,
		func(r *Request) bool { return r.Consent.PIPL && r.Consent.HasPIPLConsent && !r.Consent.PIPLConsent }},
	{"china's law, garbage", minimal(`"user":{"ext":{"pipl_consent":"perhaps"}}`), 1,
		func(r *Request) bool { return r.Consent.Unreadable && !r.Consent.HasPIPLConsent }},
	{"an ifa of zeros", minimal(`"device":{"ifa":"00000000-0000-0000-0000-000000000000"}`), 0, func(r *Request) bool { return !r.HasUserID() }},
	{"an eid in our namespace", minimal(`"user":{"eids":[{"source":"ifa","uids":[{"id":"x"}]}]}`), 0, func(r *Request) bool { return !r.HasUserID() }},
}

func TestProtocol16LenientAboutTypes(t *testing.T) {
	d := NewDecoder(Limits{})
	for _, c := range append(lenientCases, formatCases...) {
		t.Run(c.name, func(t *testing.T) {
			r, err := d.Decode([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Release()
			if r.Unread != c.unread {
				t.Errorf("unread: got %d, want %d", r.Unread, c.unread)
			}
			if !c.want(r) {
				t.Errorf("not as wanted: %+v", *r)
			}
		})
	}
}

var badBodies = []struct{ name, body string }{
	{"nothing", ``},
	{"white space", " \n"},
	{"not an object", `[]`},
	{"null", `null`},
	{"no id", `{"imp":[{"id":"1"}]}`},
	{"empty id", `{"id":"","imp":[]}`},
	{"id is an object", `{"id":{},"imp":[]}`},
	{"cut short", `{"id":"1","imp":[{"id":"1"`},
	{"cut in a string", `{"id":"1`},
	{"cut in an escape", `{"id":"\u00`},
	{"cut in a literal", `{"id":"1","x":tru`},
	{"more behind", `{"id":"1"} {"id":"2"}`},
	{"a comma too many", `{"id":"1",}`},
	{"a comma too few", `{"id":"1" "at":1}`},
	{"a comma in an array", `{"id":"1","x":[1,]}`},
	{"no colon", `{"id" "1"}`},
	{"key without quotes", `{id:"1"}`},
	{"single quotes", `{'id':'1'}`},
	{"a comment", `{"id":"1"/**/}`},
	{"a byte order mark", "\uFEFF" + `{"id":"1"}`},
	{"leading zero", `{"id":"1","x":01}`},
	{"bare point", `{"id":"1","x":1.}`},
	{"bare exponent", `{"id":"1","x":1e}`},
	{"bare minus", `{"id":"1","x":-}`},
	{"plus", `{"id":"1","x":+1}`},
	{"not a number", `{"id":"1","x":NaN}`},
	{"hexadecimal", `{"id":"1","x":0x1}`},
	{"literal in capitals", `{"id":"1","x":TRUE}`},
	{"a control character", "{\"id\":\"a\nb\"}"},
	{"a zero byte", "{\"id\":\"1\",\"x\":\"\x00\"}"},
	{"a zero byte outside", "{\"id\":\"1\"\x00}"},
	{"an unknown escape", `{"id":"\x41"}`},
	{"bad hexadecimal", `{"id":"\u00g0"}`},
	{"not UTF-8", "{\"id\":\"\xff\"}"},
	{"overlong UTF-8", "{\"id\":\"\xc0\xaf\"}"},
	{"a surrogate in UTF-8", "{\"id\":\"\xed\xa0\x80\"}"},
	{"not UTF-8 where we do not read", "{\"id\":\"1\",\"x\":{\"y\":[\"\xff\"]}}"},
	{"the wrong bracket", `{"id":"1","x":[}`},
	{"a closing bracket too many", `{"id":"1"}]`},
	{"too deep", `{"id":"1","x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`},
	{"very deep", `{"id":"1","x":` + strings.Repeat(`{"a":`, 100_000)},
	{"a repeated key", `{"id":"1","id":"2"}`},
	{"a repeated key, once escaped", `{"id":"1","\u0069d":"2"}`},
}

func TestDecodeIsStrictAboutJSON(t *testing.T) {
	d := NewDecoder(Limits{})
	for _, c := range badBodies {
		t.Run(c.name, func(t *testing.T) {
			r, err := d.Decode([]byte(c.body))
			var bad *DecodeError
			if r != nil || !errors.As(err, &bad) || bad.Reason != Malformed {
				t.Fatalf("got %v, %v; want a refusal as malformed", r, err)
			}
			if bad.Offset < 0 || bad.Offset > len(c.body) || bad.Msg == "" {
				t.Errorf("offset %d, message %q", bad.Offset, bad.Msg)
			}
		})
	}
}

func TestDecodeLimits(t *testing.T) {
	d := NewDecoder(Limits{MaxUnpacked: 1000, MaxImps: 3, MaxDepth: 5})
	imps := func(n int) string {
		return `{"id":"1","imp":[` + strings.TrimSuffix(strings.Repeat(`{"id":"1"},`, n), ",") + `]}`
	}
	for _, c := range []struct {
		name, body string
		want       Reason
	}{
		{"as many imps as allowed", imps(3), None},
		{"an imp too many", imps(4), None},
		{"as long as allowed", `{"id":"` + strings.Repeat("x", 1000-9) + `"}`, None},
		{"a byte too long", `{"id":"` + strings.Repeat("x", 1000-8) + `"}`, TooLarge},
		{"as deep as allowed", `{"id":"1","x":[[[[1]]]]}`, None},
		{"a level too deep", `{"id":"1","x":[[[[[1]]]]]}`, Malformed},
		{"deep once, then flat", `{"id":"1","x":[[[[]]]],"y":[[[{}]]],"z":[[[[],[]]]]}`, None},
	} {
		r, err := d.Decode([]byte(c.body))
		got := None
		var bad *DecodeError
		if errors.As(err, &bad) {
			got = bad.Reason
		} else {
			if len(r.Imps) > 3 {
				t.Errorf("%s: %d imps", c.name, len(r.Imps))
			}
			r.Release()
		}
		if got != c.want {
			t.Errorf("%s: got %v (%v), want %v", c.name, got, err, c.want)
		}
	}
}

// TestDecodeRefusesEveryRepeatedKey puts each key that is read in each object
// there twice, and all of them once.
func TestDecodeRefusesEveryRepeatedKey(t *testing.T) {
	refuseRepeated(t, map[string]string{
		`{"id":"1",%s}`:                                   "imp site app device user regs at tmax test cur bcat cattax badv bapp wseat bseat",
		`{"id":"1","imp":[{%s}]}`:                         "id impid tagid bidfloor bidfloorcur secure instl exp banner video native audio pmp",
		`{"id":"1","imp":[{"banner":{%s}}]}`:              "w h format battr btype pos",
		`{"id":"1","imp":[{"banner":{"format":[{%s}]}}]}`: "w h",
		`{"id":"1","imp":[{"pmp":{%s}}]}`:                 "private_auction deals",
		`{"id":"1","imp":[{"pmp":{"deals":[{%s}]}}]}`:     "id bidfloor bidfloorcur at",
		`{"id":"1","site":{%s}}`:                          "id domain page cat publisher",
		`{"id":"1","app":{"publisher":{%s}}}`:             "id",
		`{"id":"1","device":{%s}}`:                        "devicetype geo ua os language ip ipv6 ifa lmt dnt",
		`{"id":"1","device":{"geo":{%s}}}`:                "country utcoffset",
		`{"id":"1","user":{%s}}`:                          "id buyeruid consent eids ext",
		`{"id":"1","user":{"ext":{%s}}}`:                  "consent eids",
		`{"id":"1","user":{"eids":[{%s}]}}`:               "source uids",
		`{"id":"1","user":{"eids":[{"uids":[{%s}]}]}}`:    "id",
		`{"id":"1","regs":{%s}}`:                          "coppa gdpr us_privacy gpp gpp_sid gpc ext",
		`{"id":"1","regs":{"ext":{%s}}}`:                  "coppa gdpr us_privacy gpp gpp_sid gpc",
	})
	refuseRepeated(t, repeatedFormatKeys)
}

func refuseRepeated(t *testing.T, objects map[string]string) {
	t.Helper()
	d := NewDecoder(Limits{})
	for path, keys := range objects {
		var once []string
		for _, key := range strings.Fields(keys) {
			member := fmt.Sprintf("%q:null", key)
			once = append(once, member)
			body := fmt.Sprintf(path, member+","+member)
			if _, err := d.Decode([]byte(body)); err == nil || !strings.Contains(err.Error(), msgRepeat) {
				t.Errorf("%s: got %v", body, err)
			}
		}
		body := fmt.Sprintf(path, strings.Join(once, ","))
		if _, err := d.Decode([]byte(body)); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestDecodeAgreesWithTheOracle holds the laws to the sample requests, and to
// variants of them: every prefix, and each byte replaced.
func TestDecodeAgreesWithTheOracle(t *testing.T) {
	const hostile = `"\{[,0}` + "\x00\xff"
	d := NewDecoder(Limits{})
	for name, body := range corpus(t) {
		checkLaws(t, d, body)
		if os.Getenv(corpusVariable) != "" || len(body) > 1000 {
			continue
		}
		for i := range body {
			if _, err := d.Decode(body[:i]); err == nil && len(bytes.TrimSpace(body[i:])) > 0 {
				t.Fatalf("%s: the first %d bytes were accepted", name, i)
			}
			broken := bytes.Clone(body)
			broken[i] = hostile[i%len(hostile)]
			checkLaws(t, d, broken)
		}
	}
}

func TestDecodeAllocatesNothing(t *testing.T) {
	d := NewDecoder(Limits{})
	for name, body := range corpus(t) {
		got := testing.AllocsPerRun(100, func() {
			r, err := d.Decode(body)
			if err != nil {
				t.Fatal(err)
			}
			r.Release()
		})
		if got >= 1 && !raceEnabled {
			t.Errorf("%s: %v allocations, want 0", name, got)
		}
	}
}

func TestEachUserIDAllocatesNothing(t *testing.T) {
	r, err := NewDecoder(Limits{}).Decode(corpus(t)["web_4000.json"])
	if err != nil && os.Getenv(corpusVariable) == "" {
		t.Fatal(err)
	}
	if r == nil {
		return
	}
	n := 0
	if got := testing.AllocsPerRun(10, func() {
		r.EachUserID(func(namespace string, id []byte) bool { n += len(namespace) + len(id); return true })
	}); got > 0 || n == 0 {
		t.Errorf("%v allocations, %d bytes seen", got, n)
	}
}

func TestEachUserIDGivesTheBestFirst(t *testing.T) {
	r, err := NewDecoder(Limits{}).Decode([]byte(minimal(`"user":{"id":"u","eids":[{"uids":[{"id":"1"},{"id":"2"}],"source":"x.example"}],"buyeruid":"b"},"device":{"ifa":"i"}`)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	r.EachUserID(func(namespace string, id []byte) bool {
		got = append(got, namespace+"="+string(id))
		return len(got) < 4
	})
	if want := "buyeruid=b ifa=i x.example=1 x.example=2"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestReleasedMemoryIsUsedAgain checks that nothing of a request is seen in
// the next one that gets its memory.
func TestReleasedMemoryIsUsedAgain(t *testing.T) {
	d := NewDecoder(Limits{})
	for name, body := range corpus(t) {
		r, err := d.Decode(body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r.Release()
		r.Release() // the second does nothing
		next, err := d.Decode([]byte(`{"id":"next"}`))
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := NewDecoder(Limits{}).Decode([]byte(`{"id":"next"}`))
		if err != nil {
			t.Fatal(err)
		}
		next.Imps, fresh.Imps = next.Imps[:len(next.Imps):len(next.Imps)], fresh.Imps[:len(fresh.Imps):len(fresh.Imps)]
		a, b := *next, *fresh
		a.mem, b.mem = memory{}, memory{}
		if fmt.Sprintf("%+v", a) != fmt.Sprintf("%+v", b) {
			t.Fatalf("after %s: %+v, want %+v", name, a, b)
		}
		next.Release()
	}
	(&Request{}).Release() // made by hand: nothing to give back
}

func TestAlpha3(t *testing.T) {
	for i := 0; i < len(countries); i += 5 {
		code, known := alpha3([]byte(strings.ToLower(countries[i : i+2])))
		if !known || string(code[:]) != countries[i+2:i+5] {
			t.Errorf("%s: got %s", countries[i:i+5], code)
		}
		if i > 0 && countries[i:i+2] <= countries[i-5:i-3] {
			t.Errorf("%s is out of order", countries[i:i+5])
		}
	}
	for _, text := range []string{"", "D", "ZZ", "1A", "DEUT", "é", "D "} {
		if code, known := alpha3([]byte(text)); known || code != [3]byte{} {
			t.Errorf("%q: got %s", text, code)
		}
	}
}

// TestDecodeAtOnce decodes with one decoder from many goroutines, each with a
// request of its own.
func TestDecodeAtOnce(t *testing.T) {
	d := NewDecoder(Limits{})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			id := strings.Repeat(fmt.Sprint(g), 100*(g+1))
			body := []byte(`{"id":"` + id + `","cur":["` + id + `"],"imp":[{"id":"` + id + `"}]}`)
			for range 500 {
				r, err := d.Decode(body)
				if err != nil || string(r.ID) != id || string(r.Imps[0].ID) != id || string(r.Currencies[0]) != id {
					t.Errorf("goroutine %d: got %v, %v", g, r, err)
					return
				}
				r.Release()
			}
		})
	}
	wg.Wait()
}
