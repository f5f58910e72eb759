package bidder

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/loadtest/validate"
	"github.com/tangent-dsp/tangent/money"
)

// advertiser adds an advertiser with a campaign of the same id and money.
func (w *world) advertiser(id int64) {
	w.changes.Advertisers = append(w.changes.Advertisers, campaign.Advertiser{ID: event.AdvertiserID(id), Status: campaign.Active, TimeZone: "UTC", Currency: "USD"})
	w.changes.Campaigns = append(w.changes.Campaigns, campaign.Campaign{ID: event.CampaignID(id), AdvertiserID: event.AdvertiserID(id), Status: campaign.Active,
		Budget: campaign.Budget{Daily: 100 * money.Unit, DailyNode: event.NodeID(id)}})
}

func (w *world) grantAll() {
	for i := range w.changes.Campaigns {
		w.holds.Grant(event.NodePeriod{Node: w.changes.Campaigns[i].Budget.DailyNode, Period: 20261201}, money.Unit)
	}
}

// spot is a line item with a video of so many seconds, of an advertiser.
func (w *world) spot(cpm string, advertiser int64, seconds int) event.LineItemID {
	return w.item(cpm, func(li *campaign.LineItem, c *campaign.Creative) {
		of(campaign.FormatVideo, seconds)(li, c)
		li.CampaignID, li.AdvertiserID = event.CampaignID(advertiser), event.AdvertiserID(advertiser)
	})
}

// breakOf is a request for an ad break.
func breakOf(terms string) string {
	return strings.Replace(plain, aBanner, `"video":{"mimes":["video/mp4"],"podid":"p"`+terms+`}`, 1)
}

// A break with poddur takes several ads: the best first, one of an advertiser,
// each of a duration that it takes, no longer together than the break, none
// below the price of its seconds.
func TestAdBreaksTakeSeveralAds(t *testing.T) {
	for name, c := range map[string]struct {
		terms, want string // creatives and places
	}{
		"as many as fit":                {`,"poddur":60,"maxseq":9`, "1/0 3/0 4/0"},
		"no more than maxseq":           {`,"poddur":60,"maxseq":2`, "1/0 3/0"},
		"no longer than poddur":         {`,"poddur":45,"maxseq":9`, "1/0 3/0"},
		"the dearest that fits":         {`,"poddur":20,"maxseq":9`, "2/0"},
		"each of a required duration":   {`,"poddur":60,"rqddurs":[15]`, "2/0 3/0 4/0"},
		"no second below its price":     {`,"poddur":60,"mincpmpersec":0.15`, "1/0 3/0"},
		"no ad shorter than the least":  {`,"poddur":60,"minduration":16`, "1/0"},
		"only the best has the place":   {`,"poddur":60,"slotinpod":1`, "1/1 3/0 4/0"},
		"one where it is no break":      {`,"maxduration":60,"maxseq":5`, "1/0"},
		"the place that is guaranteed":  {`,"maxduration":60,"slotinpod":-1`, "1/-1"},
		"any place, where none is sure": {`,"maxduration":60,"slotinpod":0`, "1/0"},
	} {
		w := newWorld(t)
		w.advertiser(2)
		w.advertiser(3)
		w.spot("9", 1, 30)
		w.spot("8", 1, 15)
		w.spot("3", 2, 15)
		w.spot("2", 3, 15)
		w.open(0)
		w.grantAll()
		var got []string
		for _, b := range w.bids(w.post(breakOf(c.terms))) {
			if b.Dur == 0 {
				t.Errorf("%s: a bid without dur", name)
			}
			got = append(got, fmt.Sprintf("%s/%d", b.CrID, b.SlotInPod))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", name, s, c.want)
		}
	}
}

// Whatever is in the catalog and whatever the break takes, a second opinion
// finds nothing wrong with the ads for it; what they hold is what they cost;
// and no advertiser who fits was left out for want of trying.
func TestAdBreaksAreValid(t *testing.T) {
	several := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		advertisers := rapid.Int64Range(1, 5).Draw(rt, "advertisers")
		for id := int64(2); id <= advertisers; id++ {
			w.advertiser(id)
		}
		for range rapid.IntRange(1, 12).Draw(rt, "spots") {
			w.spot(fmt.Sprint(rapid.IntRange(1, 9).Draw(rt, "cpm")), rapid.Int64Range(1, advertisers).Draw(rt, "advertiser"), rapid.SampledFrom([]int{6, 15, 20, 30}).Draw(rt, "seconds"))
		}
		w.open(0)
		w.grantAll()
		terms := fmt.Sprintf(`,"poddur":%d`, rapid.IntRange(5, 120).Draw(rt, "poddur"))
		for _, f := range []string{`,"maxseq":2`, `,"maxseq":4`, `,"mincpmpersec":0.2`, `,"rqddurs":[15,30]`, `,"maxduration":20`, `,"slotinpod":1`, `,"slotinpod":2`} {
			if rapid.IntRange(0, 3).Draw(rt, f) == 0 && !strings.Contains(terms, f[:6]) {
				terms += f
			}
		}
		body := breakOf(terms)
		resp := w.post(body)
		bids := w.bids(resp)
		if len(bids) > 1 {
			several++
		}
		if len(bids) == 0 {
			return
		}
		r, err := validate.ParseRequest([]byte(body), validate.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		if bad := r.Check(resp.Body()); len(bad) > 0 {
			rt.Fatalf("%v in %s for %s", bad, resp.Body(), body)
		}
		var held, bid money.Nanos
		for i := range w.changes.Campaigns {
			held += w.holds.Account(event.NodePeriod{Node: w.changes.Campaigns[i].Budget.DailyNode, Period: 20261201}).Held
		}
		seen := map[string]bool{}
		for _, b := range bids {
			n, _ := money.ParseCPM(fmt.Sprint(b.Price))
			bid += n
			if seen[b.CID] {
				rt.Fatalf("campaign %s twice in %s", b.CID, resp.Body())
			}
			seen[b.CID] = true
		}
		if held != bid {
			rt.Fatalf("%v is held for bids of %v", held, bid)
		}
	})
	if several == 0 {
		t.Error("no break was drawn that has several ads")
	}
}
