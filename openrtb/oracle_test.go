package openrtb

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prebid/openrtb/v20/openrtb2"
)

// The oracle is encoding/json into complete OpenRTB types. It is strict about
// types where the decoder is lenient, so the laws are:
//
//   - what the decoder accepts is JSON in UTF-8;
//   - JSON in UTF-8 with an id, within the limits and without repeated keys,
//     is accepted, whatever the types;
//   - where the oracle accepts too, every field that both read is equal.

// shape is what the laws need to know of a body.
type shape struct {
	valid   bool // one JSON object in UTF-8
	depth   int
	repeats bool // a key is twice in one object
	folded  bool // a key is one that we read, but for its case: the oracle does not care
	foreign bool // a key that the oracle does not know
}

var keysWeRead = strings.Fields(`id imp site app device user regs at tmax test cur bcat acat cattax badv bapp wseat bseat
	tagid bidfloor bidfloorcur secure instl exp banner video native audio pmp w h format battr btype pos
	private_auction deals buyeruid consent eids ext source uids coppa gdpr us_privacy gpp gpp_sid gpc
	devicetype geo ua os language ip ipv6 ifa lmt dnt country utcoffset domain bundle page cat publisher
	dooh source wlang wlangb allimps restrictions rwdd clickbrowser ssai qty multiplier metric type value displaymanager displaymanagerver
	rewarded is_rewarded_inventory prebid mimes api expdir vcm wmin hmin wmax hmax wratio hratio wadomain guar mincpmpersec durfloors
	mindur maxdur minduration maxduration rqddurs protocols protocol startdelay skip skipmin skipafter minbitrate maxbitrate maxextended delivery
	companionad companiontype podid poddur podseq slotinpod maxseq placement plcmt linearity playbackmethod playbackend boxingallowed feed stitched nvol
	request request_native ver assets layout context contextsubtype plcmttype plcmtcnt seq privacy aurlsupport durlsupport eventtrackers event methods
	required title img data len name storeurl sectioncat pagecat keywords kwarray mobile privacypolicy inventorypartnerdomain content venuetype venuetypetax
	series season genre langb contentrating userrating url livestream qagmediarating prodq embeddable channel network
	make model osv carrier mccmnc connectiontype pxratio js sua ifa_type atts lat lon region city zip metro accuracy lastfix ipservice
	browsers platform architecture brand version schain complete nodes asi sid rid hp yob gender segment segtax atype inserter matcher mm`)

func shapeOf(body []byte) (s shape) {
	if !json.Valid(body) || !utf8.Valid(body) || bytes.TrimLeft(body, " \t\r\n")[0] != '{' {
		return s
	}
	s.valid = true
	d := json.NewDecoder(bytes.NewReader(body))
	var open []map[string]bool // nil for arrays
	key := false               // the next token of an object is a key
	for {
		token, err := d.Token()
		if err != nil {
			return s
		}
		switch token {
		case json.Delim('{'):
			open, key = append(open, map[string]bool{}), true
			s.depth = max(s.depth, len(open))
			continue
		case json.Delim('['):
			open, key = append(open, nil), false
			s.depth = max(s.depth, len(open))
			continue
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if name, ok := token.(string); ok && key {
				top := open[len(open)-1]
				s.repeats = s.repeats || top[name]
				s.foreign = s.foreign || strings.EqualFold(name, "impid") || strings.EqualFold(name, "restrictions")
				top[name] = true
				for _, known := range keysWeRead {
					s.folded = s.folded || name != known && strings.EqualFold(name, known)
				}
				key = false
				continue
			}
		}
		key = len(open) > 0 && open[len(open)-1] != nil
	}
}

// checkLaws decodes a body and holds the laws to the result.
func checkLaws(t *testing.T, d *Decoder, body []byte) {
	t.Helper()
	before := bytes.Clone(body)
	r, err := d.Decode(body)
	if !bytes.Equal(before, body) {
		t.Fatal("the decoder changed the body")
	}
	s := shapeOf(body)
	if err == nil {
		defer r.Release()
		if !s.valid {
			t.Fatal("accepted a body that is not a JSON object in UTF-8")
		}
		checkText(t, r)
	}
	if !s.valid || s.repeats || s.depth > d.limits.MaxDepth {
		return
	}
	var lenient struct{ ID json.RawMessage }
	if err := json.Unmarshal(body, &lenient); err != nil {
		t.Fatal(err)
	}
	hasID := len(lenient.ID) > 0 && lenient.ID[0] == '"' && len(lenient.ID) > 2
	var strict openrtb2.BidRequest
	strictErr := json.Unmarshal(body, &strict)
	if strictErr == nil && len(strict.Imp) > d.limits.MaxImps {
		strict.Imp = nil // the first of those with ids are kept
		if r != nil && len(r.Imps) > d.limits.MaxImps {
			t.Fatalf("%d imps", len(r.Imps))
		}
		return
	}
	if err != nil {
		if hasID && !s.folded && err.(*DecodeError).Reason != TooLarge {
			t.Fatalf("refused a request that has an id: %v", err)
		}
		return
	}
	if strictErr == nil && !s.folded && !s.foreign {
		compare(t, r, &strict)
	}
}

// checkText fails when a text of r is not UTF-8.
func checkText(t *testing.T, r *Request) {
	t.Helper()
	texts := [][]byte{r.ID, r.Device.UserAgent, r.Device.OS, r.Consent.TCF, r.user.id, r.user.buyerUID}
	for _, imp := range r.Imps {
		texts = append(texts, imp.ID, imp.TagID, imp.FloorCurrency)
	}
	for _, s := range append(texts, r.BlockedAdvertisers...) {
		if !utf8.Valid(s) {
			t.Fatalf("%q is not UTF-8", s)
		}
	}
}

// compare fails when a field that both read differs.
func compare(t *testing.T, r *Request, q *openrtb2.BidRequest) {
	t.Helper()
	same(t, "id", string(r.ID), q.ID)
	same(t, "at", r.AuctionType, orElse(q.AT, 2))
	same(t, "cattax", r.CategoryTaxonomy, orElse(int64(q.CatTax), 1))
	same(t, "tmax", int64(r.TMax), natural(q.TMax))
	same(t, "test", r.Test, q.Test == 1)
	sameTexts(t, "cur", r.Currencies, q.Cur, upper)
	sameTexts(t, "bcat", r.BlockedCategories, trimmed(q.BCat), nil)
	sameTexts(t, "acat", r.AllowedCategories, trimmed(q.ACat), nil)
	compareDomains(t, r, q.BAdv)
	sameTexts(t, "bapp", r.BlockedApps, trimmed(q.BApp), nil)
	sameTexts(t, "wseat", r.AllowedSeats, trimmed(q.WSeat), nil)
	sameTexts(t, "bseat", r.BlockedSeats, trimmed(q.BSeat), nil)

	imps := slices.DeleteFunc(slices.Clone(q.Imp), func(i openrtb2.Imp) bool { return i.ID == "" })
	same(t, "imps", len(r.Imps), len(imps))
	for i := range imps {
		compareImp(t, &r.Imps[i], &imps[i])
	}
	sameTexts(t, "wlang", r.Languages, trimmed(append(slices.Clone(q.WLang), q.WLangB...)), lower)
	same(t, "allimps", r.AllImps, q.AllImps == 1)
	same(t, "site", r.Site != nil, q.Site != nil)
	if q.Site != nil {
		comparePublication(t, r.Site, q.Site.ID, q.Site.Domain, "", q.Site.Page, q.Site.Cat, q.Site.Publisher)
	}
	same(t, "app", r.App != nil, q.App != nil)
	if q.App != nil {
		comparePublication(t, r.App, q.App.ID, q.App.Domain, trimmed([]string{q.App.Bundle})[0], "", q.App.Cat, q.App.Publisher)
	}
	same(t, "dooh", r.DOOH != nil, q.DOOH != nil)
	if d := q.Device; d != nil {
		compareDevice(t, &r.Device, d)
		same(t, "devicetype", int64(r.Device.Type), whole(int64(d.DeviceType)))
		same(t, "ua", string(r.Device.UserAgent), d.UA)
		same(t, "os", string(r.Device.OS), d.OS)
		same(t, "language", string(r.Device.Language), d.Language)
		same(t, "ip", r.Device.HasIP, d.IP != "" || d.IPv6 != "")
		same(t, "lmt", r.Consent.LMT, isOne(d.Lmt))
		same(t, "dnt", r.Consent.DNT, isOne(d.DNT))
		if strings.Trim(d.IFA, "0-") != "" {
			same(t, "ifa", string(r.user.ifa), d.IFA)
		} else {
			same(t, "ifa", string(r.user.ifa), "")
		}
		if d.Geo != nil {
			country, _ := alpha3([]byte(d.Geo.Country))
			same(t, "country", r.Device.Country, country)
			offset := whole(d.Geo.UTCOffset)
			if offset < -720 || offset > 840 {
				offset = 0
			}
			same(t, "utcoffset", int64(r.Device.UTCOffset), offset)
		}
	}
	compareUser(t, r, q)
}

// beforeHost and domainIn find the domain in an entry of badv, another way
// than the decoder. They are two, lest a scheme without a host pass as a host.
var beforeHost = regexp.MustCompile(`^(?:[^/?#]*:)?//`)
var domainIn = regexp.MustCompile(`^(?:[^/?#]*@)?(?:\*?\.)*((?:[a-z0-9_-]+\.)*[a-z0-9_-]+)\.*(?::[0-9]*)?(?:[/?#](?s:.*))?$`)

func compareDomains(t *testing.T, r *Request, badv []string) {
	t.Helper()
	var want []string
	for _, entry := range badv {
		found := domainIn.FindStringSubmatch(beforeHost.ReplaceAllString(strings.Trim(asciiLower(entry), " \t\r\n"), ""))
		switch {
		case entry == "":
		case found == nil:
			for i := range r.Imps {
				same(t, "blocks that cannot be read", r.Imps[i].BlocksBad, true)
			}
		default:
			domain := found[1]
			if rest, ok := strings.CutPrefix(domain, "www."); ok && strings.Contains(rest, ".") {
				domain = rest
			}
			want = append(want, domain)
		}
	}
	sameTexts(t, "badv", r.BlockedAdvertisers, want, nil)
}

func compareImp(t *testing.T, imp *Imp, q *openrtb2.Imp) {
	t.Helper()
	same(t, "imp.id", string(imp.ID), q.ID)
	same(t, "imp.tagid", string(imp.TagID), q.TagID)
	if !imp.FloorBad {
		sameFloor(t, "imp.bidfloor", float64(imp.Floor), q.BidFloor)
	} else if q.BidFloor > 0 && q.BidFloor < 1e6 && q.BidFloor > 1e-6 {
		t.Logf("floor %v given up", q.BidFloor)
	}
	same(t, "imp.bidfloorcur", string(imp.FloorCurrency), asciiUpper(q.BidFloorCur))
	same(t, "imp.secure", imp.Secure, q.Secure != nil && *q.Secure != 0)
	same(t, "imp.instl", imp.Interstitial, q.Instl == 1)
	same(t, "imp.exp", int64(imp.Exp), natural(q.Exp))
	same(t, "imp.video", imp.Video != nil, q.Video != nil)
	same(t, "imp.native", imp.Native != nil, q.Native != nil)
	same(t, "imp.audio", imp.Audio != nil, q.Audio != nil)
	same(t, "imp.banner", imp.Banner != nil, q.Banner != nil)
	same(t, "imp.rwdd", imp.Rewarded || q.Rwdd != 1, true)
	same(t, "imp.clickbrowser", imp.NativeBrowser, isOne(q.ClickBrowser))
	compareMedia(t, imp, q)
	if b := q.Banner; b != nil {
		sameTexts(t, "imp.banner.mimes", imp.Banner.Mimes, b.MIMEs, lower)
		sameInts(t, "imp.banner.api", imp.Banner.APIs, b.API)
		sameInts(t, "imp.banner.expdir", imp.Banner.ExpandDirections, b.ExpDir)
		var sizes []Size
		add := func(w, h int64, own bool) {
			s := Size{int(whole(w)), int(whole(h))}
			if s.W > 0 && s.H > 0 && (own || b.W == nil || b.H == nil || s != Size{int(*b.W), int(*b.H)}) {
				sizes = append(sizes, s)
			}
		}
		if b.W != nil && b.H != nil {
			add(*b.W, *b.H, true)
		}
		for _, f := range b.Format {
			add(f.W, f.H, false)
		}
		if !slices.Equal(imp.Banner.Sizes, sizes) {
			t.Fatalf("imp.banner sizes: got %v, want %v", imp.Banner.Sizes, sizes)
		}
		sameInts(t, "imp.banner.battr", imp.Banner.BlockedAttributes, b.BAttr)
		sameInts(t, "imp.banner.btype", imp.Banner.BlockedTypes, b.BType)
		if b.Pos != nil {
			same(t, "imp.banner.pos", int64(imp.Banner.Position), whole(int64(*b.Pos)))
		}
	}
	if q.PMP == nil {
		return
	}
	same(t, "imp.pmp.private_auction", imp.PrivateAuction, q.PMP.PrivateAuction != 0)
	i := 0
	for _, deal := range q.PMP.Deals {
		if i < len(imp.Deals) && string(imp.Deals[i].ID) == deal.ID {
			d := &imp.Deals[i]
			sameFloor(t, "deal.bidfloor", float64(d.Floor), deal.BidFloor)
			same(t, "deal.bidfloorcur", string(d.FloorCurrency), asciiUpper(deal.BidFloorCur))
			same(t, "deal.at", int64(d.AuctionType), whole(deal.AT))
			i++
		} else if deal.ID != "" && deal.BidFloor >= 0 && deal.BidFloor < 1e6 && deal.AT == whole(deal.AT) &&
			(deal.BidFloor == 0 || deal.BidFloor > 1e-6) {
			t.Logf("deal %q is missing", deal.ID)
		}
	}
	same(t, "deals", i, len(imp.Deals))
}

func comparePublication(t *testing.T, p *Publication, id, domain, bundle, page string, cat []string, publisher *openrtb2.Publisher) {
	t.Helper()
	same(t, "publication.id", string(p.ID), id)
	same(t, "publication.bundle", string(p.Bundle), bundle)
	sameTexts(t, "publication.cat", p.Categories, cat, nil)
	if publisher != nil {
		same(t, "publisher.id", string(p.PublisherID), publisher.ID)
	}
	if domain != "" {
		want := strings.Trim(asciiLower(domain), " \t\r\n")
		if found := domainIn.FindStringSubmatch(beforeHost.ReplaceAllString(want, "")); found != nil {
			want = found[1]
		}
		same(t, "publication.domain", string(p.Domain), want)
		same(t, "publication.page", string(p.Page), page)
	} else { // its host became the domain, and lower case
		same(t, "publication.page", asciiLower(string(p.Page)), asciiLower(page))
	}
}

func compareUser(t *testing.T, r *Request, q *openrtb2.BidRequest) {
	t.Helper()
	type signals struct {
		COPPA     *int8  `json:"coppa"`
		GDPR      *int8  `json:"gdpr"`
		USPrivacy string `json:"us_privacy"`
		GPP       string `json:"gpp"`
		GPPSID    []int8 `json:"gpp_sid"`
	}
	var old, now signals
	if q.Regs != nil {
		now = signals{&q.Regs.COPPA, q.Regs.GDPR, q.Regs.USPrivacy, q.Regs.GPP, q.Regs.GPPSID}
		if len(q.Regs.Ext) > 0 && json.Unmarshal(q.Regs.Ext, &old) != nil {
			return
		}
	}
	var ext struct {
		Consent string         `json:"consent"`
		EIDs    []openrtb2.EID `json:"eids"`
	}
	var user openrtb2.User
	if q.User != nil {
		user = *q.User
		if len(user.Ext) > 0 && json.Unmarshal(user.Ext, &ext) != nil {
			return
		}
	}
	c := &r.Consent
	same(t, "user.id", string(r.user.id), user.ID)
	same(t, "user.buyeruid", string(r.user.buyerUID), user.BuyerUID)
	same(t, "consent", string(c.TCF), either(user.Consent, ext.Consent))
	same(t, "us_privacy", string(c.USPrivacy), either(now.USPrivacy, old.USPrivacy))
	same(t, "gpp", string(c.GPP), either(now.GPP, old.GPP))
	same(t, "coppa", c.COPPA, isOne(now.COPPA) || isOne(old.COPPA))
	sections := now.GPPSID
	if len(sections) == 0 {
		sections = old.GPPSID
	}
	sameInts(t, "gpp_sid", c.GPPSections, sections)
	gdpr := -1
	for _, place := range []*int8{old.GDPR, now.GDPR} {
		if place != nil && (*place == 0 || *place == 1) {
			gdpr = max(gdpr, int(*place))
		}
	}
	same(t, "gdpr", c.GDPR, gdpr)
	for _, place := range []*int8{now.COPPA, old.COPPA, now.GDPR, old.GDPR} {
		if place != nil && *place != 0 && *place != 1 && !c.Unreadable {
			t.Fatal("a privacy flag that is neither 0 nor 1 went unnoticed")
		}
	}

	want := flatEIDs(user.EIDs)
	if len(want) == 0 {
		want = flatEIDs(ext.EIDs)
	}
	var got []string
	for _, e := range r.user.eids {
		got = append(got, string(e.Source)+" "+string(e.ID))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("eids: got %q, want %q", got, want)
	}
}

func flatEIDs(eids []openrtb2.EID) (flat []string) {
	for _, e := range eids {
		for _, u := range e.UIDs {
			if !slices.Contains([]string{"", "buyeruid", "ifa", "user"}, e.Source) && u.ID != "" {
				flat = append(flat, e.Source+" "+u.ID)
			}
		}
	}
	return flat
}

func same[T comparable](t *testing.T, field string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", field, got, want)
	}
}

// trimmed is names without the blanks around them.
func trimmed(names []string) (all []string) {
	for _, n := range names {
		all = append(all, strings.Trim(n, " \t\r\n"))
	}
	return all
}

func sameTexts(t *testing.T, field string, got [][]byte, want []string, change func([]byte)) {
	t.Helper()
	var texts []string
	for _, w := range want {
		if w != "" {
			b := []byte(w)
			if change != nil {
				change(b)
			}
			texts = append(texts, string(b))
		}
	}
	if !slices.EqualFunc(got, texts, func(g []byte, w string) bool { return string(g) == w }) {
		t.Fatalf("%s: got %q, want %q", field, got, texts)
	}
}

func sameInts[T ~int64 | ~int8](t *testing.T, field string, got []int, want []T) {
	t.Helper()
	for _, w := range want {
		if int64(w) != whole(int64(w)) {
			return
		}
	}
	// The oracle reads null elements as 0, the decoder leaves them out.
	nulls := slices.DeleteFunc(slices.Clone(want), func(w T) bool { return w == 0 })
	some := slices.DeleteFunc(slices.Clone(got), func(g int) bool { return g == 0 })
	if !slices.EqualFunc(some, nulls, func(g int, w T) bool { return int64(g) == int64(w) }) {
		t.Fatalf("%s: got %v, want %v", field, got, want)
	}
}

// sameFloor compares nanos per impression with a CPM.
func sameFloor(t *testing.T, field string, got, cpm float64) {
	t.Helper()
	want := cpm * 1e6
	if got < want-1e-6-want*1e-12 || got > want+1+want*1e-12 {
		t.Fatalf("%s: got %v nanos, want %v", field, got, want)
	}
}

// whole is n, or 0 where the decoder does not follow: beyond 18 digits it
// reads floats, and only the exact ones.
func whole(n int64) int64 {
	if n <= -1e18 || n >= 1e18 {
		return 0
	}
	return n
}

func natural(n int64) int64 { return max(0, whole(n)) }

func orElse(n int64, d int) int {
	if whole(n) > 0 {
		return int(n)
	}
	if n > math.MaxInt32 || n < math.MinInt32 {
		if d == 2 {
			return 1 // at that cannot be read
		}
		return -1 // cattax that cannot be read
	}
	return d
}

func isOne(p *int8) bool { return p != nil && *p == 1 }

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func asciiUpper(s string) string { b := []byte(s); upper(b); return string(b) }
func asciiLower(s string) string { b := []byte(s); lower(b); return string(b) }
