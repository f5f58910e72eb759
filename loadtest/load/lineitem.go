package load

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/money"
)

// maker draws line items and their creatives.
type maker struct {
	rng       *rand.Rand
	exchanges []event.ExchangeID
}

func (m *maker) flip(p float64) bool { return m.rng.Float64() < p }

// format draws what the creatives of a line item are.
func (m *maker) format() campaign.Format {
	switch u := m.rng.Float64(); {
	case u < .8:
		return campaign.FormatBanner
	case u < .9:
		return campaign.FormatVideo
	case u < .97:
		return campaign.FormatNative
	}
	return campaign.FormatAudio
}

// some draws from lo to hi different elements.
func some[T any](rng *rand.Rand, from []T, lo, hi int) []T {
	n := min(lo+rng.IntN(hi-lo+1), len(from))
	all := slices.Clone(from)
	rng.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	return all[:n]
}

var (
	// Where the traffic comes from, some more often than others, and where none does.
	countries = []string{"USA", "GBR", "DEU", "FRA", "BRA", "IND", "JPN", "AUT", "ESP", "ITA"}
	topics    = []string{"news", "sport", "weather", "cooking", "travel", "games", "tech", "finance", "cars", "health", "music", "film", "garden", "science", "local"}
	week      = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
)

// lineItem draws one. Values are spread as those of real campaigns: most are
// near a unit of currency per thousand, a few are many.
func (m *maker) lineItem(parent event.CampaignID, number int) campaign.LineItem {
	cpm := money.Nanos(math.Exp(.8*m.rng.NormFloat64())*2000) * money.Unit / 1000
	cpm = min(max(cpm, money.Unit/10), 40*money.Unit)
	li := campaign.LineItem{
		CampaignID: parent, Name: fmt.Sprintf("line item %d", number+1), Status: campaign.Active,
		Goal: campaign.Goal{Kind: campaign.CPM, Amount: cpm}, MaxBidCPM: 2 * cpm,
	}
	if m.flip(.4) {
		li.ClickRate = .0005 + .004*m.rng.Float64()
		li.Goal = campaign.Goal{Kind: campaign.CPC, Amount: max(money.Unit/100, money.FromFloat(float64(cpm)/1000/li.ClickRate))}
	}
	li.Targeting = m.targeting()
	if m.flip(.3) {
		li.FrequencyCaps = []campaign.FrequencyCap{{Level: campaign.CapLineItem, Impressions: 1 + m.rng.IntN(10), Window: 24 * time.Hour}}
	}
	return li
}

// targeting draws rules that together leave a few per cent of the traffic.
func (m *maker) targeting() (t campaign.Targeting) {
	rng := m.rng
	if m.flip(.75) {
		t.Countries = campaign.Only(some(rng, countries, 1, 3)...)
	}
	if m.flip(.4) {
		kinds := [][]int{{2}, {1, 4, 5}, {4}, {5}}
		t.DeviceTypes = campaign.Only(kinds[rng.IntN(len(kinds))]...)
	}
	segments := make([]event.SegmentID, loadtest.Segments)
	for i := range segments {
		segments[i] = event.SegmentID(i + 1)
	}
	if m.flip(.45) {
		t.Segments.Include = some(rng, segments, 1, 4)
	}
	if m.flip(.1) {
		t.Segments.Exclude = some(rng, segments[:len(segments)/2], 1, 2)
		t.Segments.Exclude = slices.DeleteFunc(t.Segments.Exclude, func(s event.SegmentID) bool { return slices.Contains(t.Segments.Include, s) })
	}
	if m.flip(.15) {
		for _, topic := range some(rng, topics, 2, 6) {
			t.Sites.Include = append(t.Sites.Include, topic+".example.com", topic+".example.org")
			t.Apps.Include = append(t.Apps.Include, "com.example."+topic)
		}
	} else if m.flip(.1) {
		t.Sites.Exclude = []string{"kids.example.com", "games.example.net"}
	}
	if m.flip(.15) {
		from := rng.IntN(16)
		t.Dayparts = []campaign.Daypart{{Days: week, From: from, To: from + 8}}
	}
	if m.flip(.1) {
		t.Exchanges = campaign.Only(m.exchanges[rng.IntN(len(m.exchanges))])
	}
	if m.flip(.03) {
		t.Deals = campaign.Only(loadtest.DealID(1 + rng.IntN(loadtest.Deals)))
	}
	return t
}
