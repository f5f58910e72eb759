package bidder

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Check 11: gdpr=1 with a valid string that refuses our vendor, in OpenRTB
// 2.6's places and in 2.5's. Nothing is looked up, and no id or consent string is
// in a log, a metric or the response.
func TestToyCheck11AVendorThatIsRefused(t *testing.T) {
	// Made in 2025: consent to all purposes, and to vendor 3.
	const refuses = "CQQuz8AQQuz8AEsABBENBkEgAP_gAAAAAAYgABiAAAAA"
	for name, change := range map[string]string{
		"2.6": `"regs":{"gdpr":1},"user":{"buyeruid":"secret-1","id":"secret-2","consent":"` + refuses + `"}`,
		"2.5": `"regs":{"ext":{"gdpr":1}},"user":{"buyeruid":"secret-1","id":"secret-2","ext":{"consent":"` + refuses + `"}}`,
		"gpp": `"regs":{"gdpr":1,"gpp_sid":[2],"gpp":"DBABMA~` + refuses + `"},"user":{"buyeruid":"secret-1","id":"secret-2"}`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			gate, err := audience.NewGate(audience.GateConfig{VendorID: 42, Registerer: w.metrics})
			if err != nil {
				t.Fatal(err)
			}
			w.bidder.Gate = gate
			var log bytes.Buffer
			w.bidder.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			w.item("2", nil)
			w.open(money.Unit)
			body := strings.Replace(plain, `"user":{"id":"u1"}`, change, 1)

			response := w.post(body)

			bids := w.bids(response)
			if len(bids) != 1 || w.people.reads != 0 {
				t.Fatalf("%d bids, %d reads; want 1 and none", len(bids), w.people.reads)
			}
			families, err := w.metrics.Gather()
			if err != nil {
				t.Fatal(err)
			}
			refused := 0.0
			for _, f := range families {
				for _, m := range f.GetMetric() {
					if f.GetName() == "tangent_consent_refused_total" && m.GetLabel()[0].GetValue() == "gdpr_vendor_refused" {
						refused = m.GetCounter().GetValue()
					}
				}
			}
			if refused != 1 {
				t.Errorf("refused for our vendor %v times, want once", refused)
			}
			said := log.String() + fmt.Sprint(families) + fmt.Sprintf("%+v", bids)
			for _, secret := range []string{"secret-1", "secret-2", refuses} {
				if strings.Contains(said, secret) {
					t.Errorf("%q is told", secret)
				}
			}
		})
	}
}

// What consent opens for some uses only is used for those, and the tokens say
// which: of the pixel and the click, where the user is seen, and no others.
func TestAPermitForSomeUses(t *testing.T) {
	// The national section, with no consent to data about health: then no
	// segment may be used, since it may be made of such.
	const noHealth = `"regs":{"gdpr":0,"gpp_sid":[7],"gpp":"DBABLA~CVVqBAAAAACA"}`
	for _, c := range []struct {
		name     string
		regs     string
		segments bool // whether segments and exposures may be read
		caps     bool
	}{
		{"everything", `"at":1`, true, true},
		{"not who the user is", noHealth, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.people.segments = []event.SegmentID{5}
			w.item("2", func(li *campaign.LineItem, _ *campaign.Creative) {
				li.Targeting.Segments.Include = []event.SegmentID{5}
			})
			w.item("1", func(li *campaign.LineItem, _ *campaign.Creative) {
				li.FrequencyCaps = []campaign.FrequencyCap{{Level: campaign.CapLineItem, Impressions: 1, Window: time.Hour}}
			})
			w.open(money.Unit)

			bids := w.bids(w.post(strings.Replace(plain, `"at":1`, c.regs, 1)))

			if w.people.reads != 1 || w.people.permit.Allows(audience.SelectAds) != c.segments || w.people.permit.Allows(audience.CapFrequency) != c.caps {
				t.Errorf("%d reads, with a permit to select ads: %v", w.people.reads, w.people.permit.Allows(audience.SelectAds))
			}
			want := 2.0
			if !c.segments {
				want = 1 // the line item that needs segments does not bid
			}
			if len(bids) != 1 || bids[0].Price != want {
				t.Fatalf("bids %+v; want one of %v", bids, want)
			}
			for path, purpose := range map[string]openrtb.Purpose{"/n/view/": openrtb.ForView, "/n/click/": openrtb.ForClick} {
				var token openrtb.Token
				text := bids[0].AdM[strings.Index(bids[0].AdM, path)+len(path):]
				if err := w.tokens.Open(purpose, []byte(text[:strings.IndexAny(text, `"?`)]), &token); err != nil {
					t.Fatal(err)
				}
				_, permit, ok := audience.ParseKeptKey(token.UserKey)
				if !ok || permit.Allows(audience.CapFrequency) != c.caps || permit.Allows(audience.BuildProfile) != c.segments || permit.Allows(audience.SelectAds) {
					t.Errorf("%s: kept %v", path, ok)
				}
			}
			for url, purpose := range map[string]openrtb.Purpose{bids[0].NURL: openrtb.ForAuction, bids[0].BURL: openrtb.ForBilling} {
				var token openrtb.Token
				text := strings.Split(url, "/")[5]
				if err := w.tokens.Open(purpose, []byte(text[:strings.IndexByte(text+"?", '?')]), &token); err != nil {
					t.Fatal(err)
				}
				if len(token.UserKey) > 0 {
					t.Errorf("the token for %v has a user key", purpose)
				}
			}
		})
	}
}

// The year of birth, the gender and the interests that a request gives are targeted with a
// permit to select ads, and unknown without; also where no id is.
func TestWhoTheUserIsTakesAPermit(t *testing.T) {
	w := newWorld(t)
	w.item("2", func(li *campaign.LineItem, _ *campaign.Creative) {
		li.Targeting.Ages.Min = 18
		li.Targeting.Genders.Include = []string{"F"}
		li.Targeting.UserKeywords.Include = []string{"running"}
		li.Targeting.UserData.Include = []campaign.DataSegment{{Provider: "data.example.com", Taxonomy: 4, ID: "243"}}
	})
	w.open(money.Unit)
	const interests = `"keywords":"running,shoes","data":[{"id":"data.example.com","segment":[{"id":"243"}],"ext":{"segtax":4}}]`
	for _, c := range []struct {
		name, user string
		bids       int
	}{
		{"with consent", `"user":{"yob":1980,"gender":"F","id":"u1",` + interests + `}`, 1},
		{"without an id", `"user":{"yob":1980,"gender":"F",` + interests + `}`, 1},
		{"another gender", `"user":{"yob":1980,"gender":"M",` + interests + `}`, 0},
		{"too young", `"user":{"yob":2015,"gender":"F",` + interests + `}`, 0},
		{"no interests", `"user":{"yob":1980,"gender":"F"}`, 0},
		{"another provider", `"user":{"yob":1980,"gender":"F",` + strings.Replace(interests, "data.example.com", "data.example.org", 1) + `}`, 0},
		{"other keywords", `"user":{"yob":1980,"gender":"F",` + strings.Replace(interests, "running", "walking", 1) + `}`, 0},
		{"not said", `"user":{"id":"u1"}`, 0},
		{"without consent", `"regs":{"us_privacy":"1YYN"},"user":{"yob":1980,"gender":"F","id":"u1",` + interests + `}`, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if bids := w.bids(w.post(strings.Replace(plain, `"user":{"id":"u1"}`, c.user, 1))); len(bids) != c.bids {
				t.Errorf("%d bids, want %d", len(bids), c.bids)
			}
		})
	}
}
