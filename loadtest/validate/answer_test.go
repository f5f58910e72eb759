package validate_test

import (
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prebid/openrtb/v20/openrtb2"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/bidder"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/loadtest/validate"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/predict"
)

// requests are those of a folder of real ones, when it is named, beside ours.
func requests(t *testing.T) map[string][]byte {
	dirs := []string{"../../openrtb/testdata/requests", "testdata/requests"}
	if dir := os.Getenv("TANGENT_OPENRTB_CORPUS"); dir != "" {
		dirs = append(dirs, dir)
	}
	bodies := map[string][]byte{}
	for _, dir := range dirs {
		names, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil || len(names) == 0 {
			t.Fatalf("no requests in %s: %v", dir, err)
		}
		for _, name := range names {
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			bodies[filepath.Base(name)] = body
		}
	}
	return bodies
}

// advertisers is how many there are; their line items take turns.
const advertisers = 3

// eager is a bidder whose catalog wants everything in every format.
type eager struct {
	t       *testing.T
	changes campaign.Changes
	market  *clock.Manual
	bidder  *bidder.Bidder
	known   int // users that were looked up
}

func (e *eager) add(c campaign.Creative) {
	id := event.LineItemID(len(e.changes.LineItems) + 1)
	e.changes.LineItems = append(e.changes.LineItems, campaign.LineItem{
		ID: id, CampaignID: event.CampaignID(1 + id%advertisers), AdvertiserID: event.AdvertiserID(1 + id%advertisers), Name: "all", Status: campaign.Active,
		Goal: campaign.Goal{Kind: campaign.CPM, Amount: (600 + money.Nanos(id)) * money.Unit}, MaxBidCPM: 900 * money.Unit, Targeting: campaign.Targeting{AnyDeal: true},
	})
	c.ID, c.LineItemID, c.Name, c.Status = event.CreativeID(id), id, "all", campaign.Active
	c.LandingURL, c.Domains, c.Categories, c.Secure = "https://shop.example.com/", []string{"shop.example.com"}, []string{"IAB18-4"}, true
	e.changes.Creatives = append(e.changes.Creatives, c)
}

func newEager(t *testing.T, bodies map[string][]byte) *eager {
	e := &eager{t: t, market: clock.NewManual(time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))}
	e.changes = campaign.Changes{Revision: 1,
		RateTables: []campaign.RateTable{{ID: 1, Source: "Example Bank", Base: "USD", Start: e.market.Now().Add(-time.Hour),
			Quotes: []campaign.Quote{{Currency: "CHF", Units: money.QuoteOne / 2}, {Currency: "EUR", Units: money.QuoteOne / 4 * 3}}}},
	}
	for i := range advertisers {
		id := int64(i) + 1
		e.changes.Advertisers = append(e.changes.Advertisers, campaign.Advertiser{ID: event.AdvertiserID(id), Name: "Example", Status: campaign.Active,
			TimeZone: "UTC", Currency: []string{"USD", "EUR", "CHF"}[i%3]})
		e.changes.Campaigns = append(e.changes.Campaigns, campaign.Campaign{ID: event.CampaignID(id), AdvertiserID: event.AdvertiserID(id), Name: "All",
			Status: campaign.Active, Budget: campaign.Budget{Lifetime: money.Cap, LifetimeNode: event.NodeID(id)}})
	}
	for _, size := range sizesOf(bodies) {
		for range 2 {
			e.add(campaign.Creative{Size: size, Markup: `<a href="${CLICK_URL}"><img src="https://cdn.example.com/a.png"></a>`})
		}
		// The second is worth more, to users of a segment.
		li := &e.changes.LineItems[len(e.changes.LineItems)-1]
		li.Targeting.Segments.Include, li.Goal.Amount = []event.SegmentID{7}, li.Goal.Amount+100*money.Unit
	}
	for _, seconds := range []int{1, 2, 5, 6, 10, 15, 20, 30, 45, 60, 120} {
		video := campaign.Media{DurationMS: seconds * 1000}
		for _, mime := range []string{"video/mp4", "video/webm", "video/x-flv", "video/3gpp"} {
			video.Files = append(video.Files, campaign.MediaFile{URL: "https://cdn.example.com/a?" + mime, MIME: mime, W: 640, H: 360, Bitrate: 600})
		}
		e.add(campaign.Creative{Format: campaign.FormatVideo, Media: measured(&video)})
		audio := campaign.Media{DurationMS: seconds * 1000}
		for _, mime := range []string{"audio/mp4", "audio/mpeg", "audio/ogg"} {
			audio.Files = append(audio.Files, campaign.MediaFile{URL: "https://cdn.example.com/a?" + mime, MIME: mime, Bitrate: 128})
		}
		e.add(campaign.Creative{Format: campaign.FormatAudio, Media: &audio})
	}
	native := campaign.Native{Titles: []string{"Shoes that last a hundred years", "Shoes"}, PrivacyURL: "https://shop.example.com/privacy",
		Video: measured(&campaign.Media{DurationMS: 10_000, Files: []campaign.MediaFile{{URL: "https://cdn.example.com/a.mp4", MIME: "video/mp4", W: 640, H: 360, Bitrate: 600}}})}
	for _, size := range []campaign.Size{{W: 1200, H: 627}, {W: 1000, H: 1000}, {W: 300, H: 250}, {W: 128, H: 120}, {W: 80, H: 80}, {W: 50, H: 50}} {
		for kind := 1; kind <= 3; kind += 2 {
			native.Images = append(native.Images, campaign.NativeImage{Type: kind, URL: "https://cdn.example.com/i.png", MIME: "image/png", W: size.W, H: size.H})
		}
	}
	for kind := 1; kind <= 12; kind++ {
		native.Data = append(native.Data, campaign.NativeData{Type: kind, Value: "5"})
	}
	e.add(campaign.Creative{Format: campaign.FormatNative, Native: &native})
	e.addDemanding(native)
	for i, name := range campaign.Presets() {
		x, ok := campaign.PresetExchange(name)
		if !ok {
			t.Fatalf("no preset %s", name)
		}
		x.ID, x.Name, x.Status, x.Seat = event.ExchangeID(i+1), name, campaign.Active, "165"
		x.Currency, x.OtherCurrencies, x.SeveralBidsPerImp, x.RequiresApproval = "USD", []string{"EUR", "CHF"}, i == 0, false
		e.changes.Exchanges = append(e.changes.Exchanges, x)
	}
	e.open()
	return e
}

// addDemanding adds what is worth more than the others, and may go out only
// where a request says so, or says nothing against it.
func (e *eager) addDemanding(native campaign.Native) {
	from := len(e.changes.LineItems)
	const markup = `<a href="${CLICK_URL}"><img src="https://cdn.example.com/a.png"></a>`
	e.add(campaign.Creative{Size: campaign.Size{W: 300, H: 250}, Markup: markup, Attributes: []int{4}})
	e.add(campaign.Creative{Size: campaign.Size{W: 320, H: 50}, Markup: markup, APIs: []int{5, 3}})
	e.add(campaign.Creative{Size: campaign.Size{W: 728, H: 90}, Markup: markup, Language: "de"})
	script := campaign.MediaFile{URL: "https://cdn.example.com/a.js", MIME: "application/javascript", W: 640, H: 360, API: "VPAID"}
	film := campaign.MediaFile{URL: "https://cdn.example.com/b.mp4", MIME: "video/mp4", W: 1920, H: 1080, Bitrate: 4000, Stream: true}
	upright := campaign.MediaFile{URL: "https://cdn.example.com/c.mp4", MIME: "video/mp4", W: 1080, H: 1920}
	side := campaign.MediaFile{URL: "https://cdn.example.com/a.html", MIME: "text/html", API: "SIMID"}
	for _, files := range [][]campaign.MediaFile{{script}, {film}, {upright}, {film, side}} {
		media := campaign.Media{DurationMS: 15_000, Files: files}
		if files[0] != upright {
			media.Skippable, media.SkipAfterMS = true, 5_000
		}
		e.add(campaign.Creative{Format: campaign.FormatVideo, Media: &media})
		native := native
		native.Video = &media
		e.add(campaign.Creative{Format: campaign.FormatNative, Native: &native})
	}
	for i := range e.changes.LineItems[from:] {
		li := &e.changes.LineItems[from+i]
		li.Goal.Amount, li.MaxBidCPM = li.Goal.Amount+2000*money.Unit, 3000*money.Unit
	}
}

func (e *eager) open() {
	must := func(err error) {
		if err != nil {
			e.t.Fatal(err)
		}
	}
	c, err := catalog.New(catalog.Config{Clock: e.market})
	must(err)
	must(c.Apply(e.changes))
	holds, err := pacing.NewHolds(pacing.HoldsConfig{})
	must(err)
	holds.Extend(e.market.Now().Add(time.Hour))
	for i := range advertisers {
		holds.Grant(event.NodePeriod{Node: event.NodeID(i + 1)}, money.Cap)
	}
	tokens, err := openrtb.NewKeyring([]openrtb.Key{{ID: 1, Secret: make([]byte, 32)}})
	must(err)
	keyer, err := audience.NewKeyer(audience.KeyerConfig{Secret: make([]byte, 32)})
	must(err)
	gate, err := audience.NewGate(audience.GateConfig{})
	must(err)
	e.bidder, err = bidder.New(bidder.Config{
		Catalog: c, Decoder: openrtb.NewDecoder(openrtb.DefaultLimits()), Gate: gate, Keyer: keyer, Audience: e,
		Model: predict.Fixed{}, Bids: event.NewBidIDs(7), Holds: holds, Counters: pacing.NewCollector(),
		Multipliers: func() *pacing.Multipliers { return pacing.NewMultipliers(1, nil) },
		Tokens:      tokens, Clock: e.market, Switch: &bidder.Switch{}, PublicURL: "https://bid.example.com",
	})
	must(err)
}

// Read is an audience in which every user that may be known is in a segment.
func (e *eager) Read(_ time.Time, _ audience.Permit, _ []audience.UserKey, p *audience.Profile) error {
	p.Known = true
	p.Segments = append(p.Segments[:0], 7)
	e.known++
	return nil
}

func (e *eager) post(exchange string, body []byte) *fasthttp.Response {
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod("POST")
	ctx.Request.SetRequestURI(bidder.Path + exchange)
	ctx.Request.SetBody(body)
	e.bidder.Handle(&ctx)
	return &ctx.Response
}

// Whatever is asked, of a bidder that wants everything, no answer breaks a
// rule: another's reading of the request finds nothing. A generous tmax
// replaces theirs, as this is about what is answered, not when.
func TestNoAnswerBreaksARule(t *testing.T) {
	bodies := requests(t)
	e := newEager(t, bodies)
	options := validate.Options{Rates: map[string]*big.Rat{"USD": big.NewRat(1, 1), "CHF": big.NewRat(2, 1), "EUR": big.NewRat(4, 3)}}
	types := map[openrtb2.MarkupType]int{}
	bids := map[string]int{} // by exchange
	answered, deals := 0, 0
	for name, body := range bodies {
		if !textIDs(body) {
			continue // the validator knows no imp that has a number for an id
		}
		request, err := validate.ParseRequest(body, options)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var fields map[string]json.RawMessage
		if json.Unmarshal(body, &fields) == nil {
			fields["tmax"] = json.RawMessage("5000")
			if changed, err := json.Marshal(fields); err == nil {
				body = changed
			}
		}
		any := false
		for _, x := range e.changes.Exchanges {
			r := e.post(x.Name, body)
			if r.StatusCode() == fasthttp.StatusNoContent {
				continue
			}
			if r.StatusCode() != fasthttp.StatusOK {
				t.Errorf("%s: status %d", name, r.StatusCode())
				continue
			}
			for _, v := range request.Check(r.Body()) {
				if v.Code == validate.MType && x.Dialect.Version == "2.5" {
					continue // which has no mtype, so that of several formats one has to be guessed
				}
				t.Errorf("%s on %s: %+v\nin %.2000s\nto %.2000s", name, x.Name, v, r.Body(), body)
			}
			var resp openrtb2.BidResponse
			if err := json.Unmarshal(r.Body(), &resp); err != nil {
				t.Fatal(err)
			}
			for _, s := range resp.SeatBid {
				for _, b := range s.Bid {
					any = true
					types[b.MType]++
					bids[x.Name]++
					if b.DealID != "" {
						deals++
					}
				}
			}
		}
		if any {
			answered++
		}
	}
	t.Logf("%d of %d requests answered with bids: %v by markup type, %d under deals, %v by exchange; %d users known", answered, len(bodies), types, deals, bids, e.known)
	for kind := openrtb2.MarkupBanner; kind <= openrtb2.MarkupNative; kind++ {
		if types[kind] == 0 {
			t.Errorf("no bid of markup type %d", kind)
		}
	}
	if answered < len(bodies)/2 || deals == 0 {
		t.Errorf("%d of %d requests answered, %d bids under deals", answered, len(bodies), deals)
	}
}

func textIDs(body []byte) bool {
	var r struct{ Imp []struct{ ID any } }
	_ = json.Unmarshal(body, &r)
	for _, imp := range r.Imp {
		if _, text := imp.ID.(string); !text {
			return false
		}
	}
	return true
}

// sizesOf returns the sizes of banners that the requests name.
func sizesOf(bodies map[string][]byte) (sizes []campaign.Size) {
	seen := map[campaign.Size]bool{}
	add := func(w, h int64) {
		s := campaign.Size{W: int(w), H: int(h)}
		if w > 0 && h > 0 && !seen[s] {
			seen[s] = true
			sizes = append(sizes, s)
		}
	}
	add(320, 50)
	for _, body := range bodies {
		var r openrtb2.BidRequest
		_ = json.Unmarshal(body, &r) // some have fields of other types; the rest is read
		for _, imp := range r.Imp {
			if imp.Banner == nil {
				continue
			}
			if imp.Banner.W != nil && imp.Banner.H != nil {
				add(*imp.Banner.W, *imp.Banner.H)
			}
			for _, f := range imp.Banner.Format {
				add(f.W, f.H)
			}
		}
	}
	return sizes
}
