package bidder

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

func ptr[T any](v T) *T { return &v }

// What an imp says of one of its formats decides on bids in that format alone,
// and a factor for a format or a size is for bids in that.
func TestFactsAreThoseOfTheFormatThatIsBid(t *testing.T) {
	type targeting = campaign.Targeting
	at := func(media, more string) string { return strings.Replace(media, "}", ","+more+"}", 1) }
	video3, banner1 := at(aVideo, `"pos":3`), at(aBanner, `"pos":1`)
	for name, c := range map[string]struct {
		creative campaign.Format
		target   targeting
		takes    []string // of the imp
		want     float64  // the price; 0 is no bid
	}{
		"the banner's position is not the video's": {campaign.FormatVideo, targeting{Positions: campaign.Only(1)}, []string{video3, banner1}, 0},
		"the video's is":                     {campaign.FormatVideo, targeting{Positions: campaign.Only(3)}, []string{video3, banner1}, 2},
		"nor is it excluded by the banner's": {campaign.FormatVideo, targeting{Positions: campaign.List[int]{Exclude: []int{1}}}, []string{video3, banner1}, 2},
		"a banner cannot be skipped":         {campaign.FormatBanner, targeting{Skippable: ptr(true)}, []string{at(aVideo, `"skip":1`), aBanner}, 0},
		"a video can":                        {campaign.FormatVideo, targeting{Skippable: ptr(true)}, []string{at(aVideo, `"skip":1`), aBanner}, 2},
		"a banner is not in stream":          {campaign.FormatBanner, targeting{VideoPlacements: campaign.Only(1)}, []string{at(aVideo, `"plcmt":1`), aBanner}, 0},
		"nor before content":                 {campaign.FormatBanner, targeting{Rolls: campaign.Only(campaign.PreRoll)}, []string{at(aVideo, `"startdelay":0`), aBanner}, 0},
		"formats narrow":                     {campaign.FormatBanner, targeting{Formats: campaign.Only(campaign.FormatVideo)}, []string{aVideo, aBanner}, 0},
	} {
		w := newWorld(t)
		w.item("2", func(li *campaign.LineItem, cr *campaign.Creative) {
			if c.creative != campaign.FormatBanner {
				of(c.creative, 15)(li, cr)
			}
			li.Targeting = c.target
		})
		w.open(money.Unit)
		bids := w.bids(w.post(taking(c.takes...)))
		if c.want == 0 && len(bids) != 0 || c.want > 0 && (len(bids) != 1 || bids[0].Price != c.want) {
			t.Errorf("%s: %+v, want %v", name, bids, c.want)
		}
	}

	sizes := strings.Replace(plain, aBanner, `"banner":{"format":[{"w":300,"h":250},{"w":728,"h":90}]}`, 1)
	wide := func(_ *campaign.LineItem, c *campaign.Creative) { c.Size = campaign.Size{W: 728, H: 90} }
	for name, c := range map[string]struct {
		when campaign.Targeting
		item func(*campaign.LineItem, *campaign.Creative)
		body string
		want float64
	}{
		"a banner beside a video": {targeting{Formats: campaign.Only(campaign.FormatVideo)}, nil, taking(aVideo, aBanner), 4},
		"a video beside a banner": {targeting{Formats: campaign.Only(campaign.FormatVideo)}, of(campaign.FormatVideo, 15), taking(aVideo, aBanner), 12},
		"another size":            {targeting{Sizes: campaign.Only(campaign.Size{W: 300, H: 250})}, wide, sizes, 4},
		"the size":                {targeting{Sizes: campaign.Only(campaign.Size{W: 300, H: 250})}, nil, sizes, 12},
		"all sizes but another":   {targeting{Sizes: campaign.List[campaign.Size]{Exclude: []campaign.Size{{W: 300, H: 250}}}}, wide, sizes, 12},
		"a size that no video is": {targeting{Sizes: campaign.Only(campaign.Size{W: 300, H: 250})}, of(campaign.FormatVideo, 15), taking(aVideo, aBanner), 4},
	} {
		w := newWorld(t)
		w.item("4", func(li *campaign.LineItem, cr *campaign.Creative) {
			if c.item != nil {
				c.item(li, cr)
			}
			li.Modifiers = []campaign.Modifier{{When: c.when, Factor: 3}}
		})
		w.open(money.Unit)
		if bids := w.bids(w.post(c.body)); len(bids) != 1 || bids[0].Price != c.want {
			t.Errorf("a factor for %s: %+v, want %v", name, bids, c.want)
		}
	}
}

// Of its formats and sizes a line item bids in the one that is worth most, and
// of those that are worth the same its rotation chooses. It is one opportunity.
func TestALineItemBidsInWhatIsWorthMost(t *testing.T) {
	for name, c := range map[string]struct {
		modifiers []campaign.Modifier
		want      map[string]bool // creatives that are shown
	}{
		"video": {[]campaign.Modifier{{When: campaign.Targeting{Formats: campaign.Only(campaign.FormatVideo)}, Factor: 2}}, map[string]bool{"102": true}},
		"wide":  {[]campaign.Modifier{{When: campaign.Targeting{Sizes: campaign.Only(campaign.Size{W: 728, H: 90})}, Factor: 2}}, map[string]bool{"101": true}},
		"any":   {nil, map[string]bool{"1": true, "101": true, "102": true}},
	} {
		w := newWorld(t)
		id := w.item("2", func(li *campaign.LineItem, cr *campaign.Creative) {
			li.Modifiers = c.modifiers
			wide, video := *cr, *cr
			wide.ID, wide.Size = 101, campaign.Size{W: 728, H: 90}
			of(campaign.FormatVideo, 15)(&campaign.LineItem{}, &video)
			video.ID = 102
			w.changes.Creatives = append(w.changes.Creatives, wide, video)
		})
		w.open(money.Unit)
		body := taking(aVideo, `"banner":{"format":[{"w":300,"h":250},{"w":728,"h":90}]}`)
		const n = 60
		shown := map[string]bool{}
		for i := range n {
			bids := w.bids(w.post(strings.Replace(body, `"r1"`, fmt.Sprintf(`"r%d"`, i), 1)))
			if len(bids) != 1 {
				t.Fatalf("%s: %+v", name, bids)
			}
			shown[bids[0].CrID] = true
		}
		if fmt.Sprint(shown) != fmt.Sprint(c.want) {
			t.Errorf("%s: creatives %v, want %v", name, shown, c.want)
		}
		if got := w.counts(id); got.Met[0] != n || got.Bids != n {
			t.Errorf("%s: %+v", name, got)
		}
		if rec := w.record(id); len(rec.Hours) != 1 || rec.Hours[0].Met != n {
			t.Errorf("%s: opportunities %+v", name, rec.Hours)
		}
	}
}
