package bidder

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prebid/openrtb/v20/openrtb2"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
)

// of makes a line item's creative one of a format: video and audio last so
// many seconds.
func of(f campaign.Format, seconds int) func(*campaign.LineItem, *campaign.Creative) {
	return func(_ *campaign.LineItem, c *campaign.Creative) {
		c.Format, c.Size, c.Markup = f, campaign.Size{}, ""
		file := campaign.MediaFile{URL: "https://cdn.example.com/a", MIME: "video/mp4", W: 640, H: 360, Bitrate: 600}
		switch f {
		case campaign.FormatAudio:
			file = campaign.MediaFile{URL: "https://cdn.example.com/a", MIME: "audio/mpeg", Bitrate: 128}
		case campaign.FormatNative:
			c.Native = &campaign.Native{Titles: []string{"Shoes"}}
			return
		}
		c.Media = &campaign.Media{DurationMS: seconds * 1000, Files: []campaign.MediaFile{file}}
	}
}

const (
	aBanner = `"banner":{"w":300,"h":250}`
	aVideo  = `"video":{"mimes":["video/mp4"],"minduration":5,"maxduration":60,"protocols":[2,3,7]}`
	anAudio = `"audio":{"mimes":["audio/mpeg"],"maxduration":60}`
	aNative = `"native":{"request":"{\"assets\":[{\"id\":1,\"required\":1,\"title\":{\"len\":25}}]}"}`
)

// taking is a request with one imp that takes these.
func taking(of ...string) string {
	return strings.Replace(plain, aBanner, strings.Join(of, ","), 1)
}

// Protocol point 5: in an imp of several formats the bid says by mtype which
// one it is, has what that format needs, and its notices bill as the format
// does.
func TestProtocol05FormatsOfOneImp(t *testing.T) {
	formats := []campaign.Format{campaign.FormatBanner, campaign.FormatVideo, campaign.FormatAudio, campaign.FormatNative}
	types := []openrtb2.MarkupType{openrtb2.MarkupBanner, openrtb2.MarkupVideo, openrtb2.MarkupAudio, openrtb2.MarkupNative}
	imps := []string{aBanner, aVideo, anAudio, aNative}
	contains := []string{`<a href="https://bid.example.com/n/click/`, "<VAST", "<VAST", `"assets":[{"id":1,`}
	for best, f := range formats {
		w := newWorld(t)
		for i, other := range formats {
			cpm := "2"
			if i == best {
				cpm = "3"
			}
			change := of(other, 15)
			if other == campaign.FormatBanner {
				change = nil
			}
			w.item(cpm, change)
		}
		w.open(money.Unit)

		// when an imp takes all, then the best bids, whatever its format
		bids := w.bids(w.post(taking(imps...)))
		if len(bids) != 1 || bids[0].MType != types[best] || bids[0].Price != 3 || !strings.Contains(bids[0].AdM, contains[best]) {
			t.Fatalf("%s: %+v", f, bids)
		}
		if burl := bids[0].BURL != ""; burl != (f == campaign.FormatBanner || f == campaign.FormatNative) {
			t.Errorf("%s has the billing URL %q: video and audio bill by the impression in their VAST", f, bids[0].BURL)
		}
		// and when it takes one of the others, then that one
		for i := range formats {
			bids := w.bids(w.post(taking(imps[i])))
			if len(bids) != 1 || bids[0].MType != types[i] {
				t.Errorf("an imp for %s alone: %+v", formats[i], bids)
			}
		}
	}
}

// Protocol point 7: of video and audio, the floor of the duration takes the
// place of the imp's, in its currency; a deal's own take the place of its; and
// no second is cheaper than mincpmpersec. A row says how much CPM, of a 15
// second spot worth 10.00, is enough, in USD.
func TestProtocol07FloorsOfDurations(t *testing.T) {
	video := func(media, imp string) string {
		return strings.Replace(plain, `"banner":{"w":300,"h":250},"bidfloor":0.1`,
			`"video":{"mimes":["video/mp4"],"maxduration":60`+media+`}`+imp, 1)
	}
	const floors = `,"durfloors":[{"mindur":1,"maxdur":15,"bidfloor":3},{"mindur":15,"maxdur":30,"bidfloor":4},{"mindur":31,"bidfloor":90}]`
	deal := func(terms string) string {
		return `,"bidfloor":9,"pmp":{"private_auction":1,"deals":[{"id":"d"` + terms + `}]}`
	}
	for body, floor := range map[string]string{
		video(``, `,"bidfloor":2`):                                                       "2",
		video(floors, `,"bidfloor":2`):                                                   "4", // the highest that fits
		video(floors, `,"bidfloor":6`):                                                   "4", // in place of the imp's
		video(floors, `,"bidfloor":2,"bidfloorcur":"EUR"`):                               "5",
		video(`,"durfloors":[{"mindur":16,"bidfloor":7}]`, `,"bidfloor":2`):              "2", // none fits
		video(`,"mincpmpersec":0.2,"poddur":60`, `,"bidfloor":2`):                        "3",
		video(`,"mincpmpersec":0.1,"poddur":60`, `,"bidfloor":2`):                        "2",
		video(floors, deal(`,"bidfloor":1`)):                                             "1", // the deal's
		video(floors, deal(`,"bidfloor":1,"durfloors":[{"mindur":10,"bidfloor":3.5}]`)):  "3.5",
		video(``, deal(`,"bidfloor":6,"durfloors":[{"mindur":10,"bidfloor":3.5}]`)):      "3.5",
		video(``, deal(`,"bidfloor":1,"mincpmpersec":0.4,"bidfloorcur":"EUR"`)):          "7.5",
		video(`,"mincpmpersec":0.2`, deal(`,"bidfloor":1,"mincpmpersec":0.1`)):           "1.5",
		video(``, deal(`,"bidfloor":1,"durfloors":[{"mindur":10,"bidfloor":2}],"at":3`)): "1", // a fixed price has no duration
	} {
		enough, err := money.Parse(floor)
		if err != nil {
			t.Fatal(err)
		}
		for _, short := range []money.Nanos{0, 1000} { // a millionth of a CPM
			w := newWorld(t)
			w.changes.RateTables = newWorld(t).inEuro().changes.RateTables
			w.item((enough - short).String(), of(campaign.FormatVideo, 15))
			w.open(money.Unit)
			if bids := w.bids(w.post(body)); len(bids) != 1 != (short > 0) {
				t.Errorf("%v is %s the floor: %d bids on %s", enough-short, map[bool]string{true: "below", false: "at"}[short > 0], len(bids), body)
			}
		}
	}
}

// One ad break has one ad of an advertiser, whatever else it has.
func TestOneAdOfAnAdvertiserInAPod(t *testing.T) {
	slot := func(pod string) string {
		return `"video":{"mimes":["video/mp4"],"maxduration":60,"podid":"` + pod + `","slotinpod":1}`
	}
	body := func(pods ...string) string {
		var imps []string
		for i, p := range pods {
			imps = append(imps, fmt.Sprintf(`{"id":"%d",%s}`, i, slot(p)))
		}
		return strings.Replace(plain, `{"id":"i1","banner":{"w":300,"h":250},"bidfloor":0.1}`, strings.Join(imps, ","), 1)
	}
	w := newWorld(t)
	w.item("4", of(campaign.FormatVideo, 15))
	w.item("3", of(campaign.FormatVideo, 15))
	w.changes.Advertisers = append(w.changes.Advertisers, campaign.Advertiser{ID: 2, Status: campaign.Active, TimeZone: "UTC", Currency: "USD"})
	w.changes.Campaigns = append(w.changes.Campaigns, campaign.Campaign{ID: 2, AdvertiserID: 2, Status: campaign.Active,
		Budget: campaign.Budget{Daily: 100 * money.Unit, DailyNode: 2}})
	w.item("2", func(li *campaign.LineItem, c *campaign.Creative) {
		of(campaign.FormatVideo, 15)(li, c)
		li.CampaignID, li.AdvertiserID = 2, 2
	})
	w.open(money.Unit)
	w.holds.Grant(event.NodePeriod{Node: 2, Period: 20261201}, money.Unit)
	for pods, want := range map[string]string{"a a a": "1 3", "a b": "1 2", "a b a": "1 2 3"} {
		var got []string
		for _, b := range w.bids(w.post(body(strings.Fields(pods)...))) {
			got = append(got, b.CrID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("pods %s: creatives %v, want %s", pods, got, want)
		}
	}
	if n := w.count("tangent_bidder_refusals_total", openrtb.Repeated); n == 0 {
		t.Error("nobody is told why")
	}
}

// A bid's delays are learned with its format's: here videos are known to be
// never billed once they are silent, and of banners nothing is known.
func TestFormatsOfBidsLearnApart(t *testing.T) {
	formats := map[campaign.Format]pacing.Format{
		campaign.FormatBanner: pacing.Banner, campaign.FormatVideo: pacing.Video, campaign.FormatAudio: pacing.Audio, campaign.FormatNative: pacing.Native,
	}
	for known, learned := range formats {
		for f, imp := range map[campaign.Format]string{
			campaign.FormatBanner: aBanner, campaign.FormatVideo: aVideo, campaign.FormatAudio: anAudio, campaign.FormatNative: aNative,
		} {
			w := newWorld(t)
			change := of(f, 15)
			if f == campaign.FormatBanner {
				change = nil
			}
			w.item("3", change)
			w.open(1000 * money.Unit)
			w.holds.Extend(noon.Add(3 * time.Hour))
			// given a bid of a format, and others of a known one that ended in silence
			if len(w.bids(w.post(taking(imp)))) != 1 {
				t.Fatalf("%s: no bid", f)
			}
			purse := event.NodePeriod{Node: 1, Period: 20261201}
			silent := event.NodePeriod{Node: 9}
			w.holds.Grant(silent, 1000*money.Unit)
			for horizon := time.Minute; horizon <= time.Hour; horizon *= 2 {
				terms := pacing.Terms{Exchange: 1, Format: learned, WinDeadline: time.Minute, Horizon: horizon}
				for i := range uint64(1000) {
					w.holds.Hold(event.NewBidID(8, uint64(horizon)+i), []event.NodePeriod{silent}, 1, terms, noon.Add(-time.Hour))
				}
			}
			// when it is silent too
			w.holds.Tick(noon)
			w.holds.Tick(noon.Add(time.Minute + time.Second))
			// then it is taken for as good as lost if they were of its format
			expected := w.holds.Account(purse).Pending
			if lost := expected < 3*money.Unit/1000/20; lost != (known == f) {
				t.Errorf("%s was never billed late: %v are expected of a %s", known, expected, f)
			}
		}
	}
}

// Formats narrow what is shown, not only where: an imp that takes both gets no
// banner of a line item for video.
func TestFormatsNarrowTheCreatives(t *testing.T) {
	w := newWorld(t)
	id := w.item("2", func(li *campaign.LineItem, _ *campaign.Creative) {
		li.Targeting.Formats = campaign.Only(campaign.FormatVideo)
	})
	c := w.changes.Creatives[0]
	c.ID, c.LineItemID = 77, id
	of(campaign.FormatVideo, 15)(nil, &c)
	w.changes.Creatives = append(w.changes.Creatives, c)
	w.open(money.Unit)
	for range 20 {
		if bids := w.bids(w.post(taking(aBanner, aVideo))); len(bids) != 1 || bids[0].CrID != "77" {
			t.Fatalf("%+v", bids)
		}
	}
	if bids := w.bids(w.post(plain)); len(bids) != 0 {
		t.Errorf("a banner: %+v", bids)
	}
}
