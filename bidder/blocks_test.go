package bidder

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/loadtest/validate"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// block is something that a request does not want of a creative, and what the
// second opinion calls a bid with it.
type block struct {
	name, rest, imp, banner string // into the request, its imp, its banner
	code                    validate.Code
	why                     openrtb.Reason
}

var blocks = []block{
	{"bcat", `,"bcat":["IAB7-39"]`, ``, ``, validate.BCat, openrtb.BlockedCategory},
	{"bcat of the category above", `,"bcat":["IAB1","IAB7"]`, ``, ``, validate.BCat, openrtb.BlockedCategory},
	{"acat", `,"acat":["IAB18"]`, ``, ``, validate.ACat, openrtb.BlockedCategory},
	{"bcat of another taxonomy", `,"cattax":6,"bcat":["%CAT%"]`, ``, ``, validate.BCat, openrtb.BlockedCategory},
	{"badv", `,"badv":["shop.example.net"]`, ``, ``, validate.BAdv, openrtb.BlockedAdvertiser},
	{"badv of the domain above", `,"badv":["EXAMPLE.net"]`, ``, ``, validate.BAdv, openrtb.BlockedAdvertiser},
	{"bapp", `,"bapp":["com.example.dear"]`, ``, ``, validate.BApp, openrtb.BlockedApp},
	{"wlang", `,"wlang":["en"]`, ``, ``, validate.WLang, openrtb.WrongLanguage},
	{"bseat", `,"bseat":["seat-2"]`, ``, ``, validate.Seat, openrtb.SeatBlocked},
	{"wseat", `,"wseat":["seat-1"]`, ``, ``, validate.Seat, openrtb.SeatBlocked},
	{"secure", ``, `,"secure":1`, ``, validate.Insecure, openrtb.NotSecure},
	{"battr", ``, ``, `,"battr":[3,8]`, validate.BAttr, openrtb.BlockedAttribute},
	{"btype", ``, ``, `,"btype":[3]`, validate.BType, openrtb.BlockedType},
	{"size", ``, ``, `,"format":[{"w":300,"h":250}]`, "", openrtb.None},
}

// blocked is a request with blocks; cat is the dear creative's in taxonomy 6.
func blocked(cat string, all ...block) string {
	var rest, imp, banner string
	for _, b := range all {
		rest, imp, banner = rest+b.rest, imp+b.imp, banner+b.banner
	}
	body := strings.Replace(plain, `"h":250}`, `"h":250`+banner+`}`+imp, 1)
	return strings.Replace(strings.TrimSuffix(body, "}")+rest+"}", "%CAT%", cat, 1)
}

// withADearOne has a creative that pays 3 and is all that can be blocked, and
// one that pays 1 and nobody blocks.
func withADearOne(t *testing.T) (w *world, cat string) {
	w = newWorld(t)
	w.speak("generic-2.6", func(e *campaign.Exchange) {
		e.AdvertiserSeats = []campaign.AdvertiserSeat{{AdvertiserID: 2, Seat: "seat-2"}}
	})
	w.advertiser(2)
	w.item("1", func(_ *campaign.LineItem, c *campaign.Creative) { c.Language = "en" })
	w.item("3", func(li *campaign.LineItem, c *campaign.Creative) {
		li.AdvertiserID, li.CampaignID = 2, 2
		c.Domains, c.LandingURL = []string{"shop.example.net"}, "https://shop.example.net/"
		c.Markup = `<script src="http://cdn.example.net/ad.js"></script>`
		c.Categories, c.Attributes, c.AppBundle, c.Language, c.Secure = []string{"IAB7-39"}, []int{8}, "com.example.dear", "de", false
	})
	w.open(0)
	w.grantAll()
	bids := w.bids(w.post(blocked("", block{rest: `,"cattax":6`})))
	if len(bids) != 1 || bids[0].CrID != "2" || len(bids[0].Cat) == 0 || bids[0].CatTax != 6 {
		t.Fatalf("nothing is blocked: %+v", bids)
	}
	return w, bids[0].Cat[0]
}

func violations(t tb, body string, answer []byte) []validate.Violation {
	t.Helper()
	r, err := validate.ParseRequest([]byte(body), validate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r.Check(answer)
}

// tb is what testing.TB and rapid.T have in common.
type tb interface {
	Helper()
	Fatal(args ...any)
}

// Protocol point 9: what is blocked does not leave, whatever it pays; what is
// not, does; and a second opinion sees nothing wrong, though it would have in
// what is sent without the block.
func TestProtocol09Blocks(t *testing.T) {
	for _, b := range blocks {
		w, cat := withADearOne(t)
		body, want := blocked(cat, b), "1"
		if b.why == openrtb.None {
			want = "2"
		}
		answer := w.post(body)
		bids := w.bids(answer)
		if len(bids) != 1 || bids[0].CrID != want {
			t.Errorf("%s: %s", b.name, answer.Body())
		}
		if bad := violations(t, body, answer.Body()); len(bad) > 0 {
			t.Errorf("%s: %v", b.name, bad)
		}
		if b.why == openrtb.None {
			continue
		}
		if n := w.count("tangent_bidder_refusals_total", b.why); n == 0 {
			t.Errorf("%s: not refused for %v", b.name, b.why)
		}
		open := blocked("")
		if i := strings.Index(b.rest, `"cattax":6`); i >= 0 {
			open = blocked("", block{rest: `,"cattax":6`})
		}
		bad := violations(t, body, w.post(open).Body())
		if len(bad) == 0 || bad[0].Code != b.code {
			t.Errorf("%s: the second opinion on a bid that breaks it is %v", b.name, bad)
		}
	}
	for _, rest := range []string{`,"badv":5`, `,"bcat":{"a":1}`, `,"bseat":7`} { // what cannot be read may block anything
		w, _ := withADearOne(t)
		if bids := w.bids(w.post(blocked("", block{rest: rest}))); len(bids) > 0 {
			t.Errorf("%s: %+v", rest, bids)
		}
	}
}

// Check 10: whatever blocks come together, nothing that breaks one leaves.
func TestToyCheck10BlocksAreKept(t *testing.T) {
	w, cat := withADearOne(t)
	dear, cheap := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		var some []block
		given := map[string]bool{}
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(blocks)-1), 0, 4).Draw(rt, "blocks") {
			field, _, _ := strings.Cut(blocks[i].name, " ")
			if given[field] || strings.Contains(blocks[i].rest, "cat") && given["cat"] {
				continue
			}
			given[field], given["cat"] = true, given["cat"] || strings.Contains(blocks[i].rest, "cat")
			some = append(some, blocks[i])
		}
		body := blocked(cat, some...)
		answer := w.post(body)
		for _, b := range w.bids(answer) {
			if b.CrID == "2" {
				dear++
			} else {
				cheap++
			}
			if n, _ := money.ParseCPM(fmt.Sprint(b.Price)); n <= 0 {
				rt.Fatalf("%s", answer.Body())
			}
		}
		if len(answer.Body()) == 0 {
			rt.Fatalf("nobody bids on %s", body)
		}
		if bad := violations(rt, body, answer.Body()); len(bad) > 0 {
			rt.Fatalf("%v in %s for %s", bad, answer.Body(), body)
		}
		w.holds.Tick(noon)
	})
	if dear == 0 || cheap == 0 {
		t.Errorf("%d bids of the dear one, %d of the other", dear, cheap)
	}
}
