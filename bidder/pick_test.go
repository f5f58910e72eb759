package bidder

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
)

// wanting is a line item as the search over all of them knows it.
type wanting struct {
	worth   money.Nanos // per impression
	format  campaign.Format
	seconds int
	blocked bool
	deals   []string // that it names
	anyDeal bool
	domain  string // of its creative
}

// selling is a way to buy as the search over all of them knows it. Floors are
// per impression.
type selling struct {
	deal      string // empty for the open auction
	floor     money.Nanos
	fixed     bool
	domain    string // that it is for alone; empty for any
	durations []duration
}

type duration struct {
	from, to int // seconds, both included
	floor    money.Nanos
}

// floorOf is the highest floor of the durations that a line item's creative
// has, in place of the plain one.
func (s *selling) floorOf(i *wanting) money.Nanos {
	floor, fits := money.Nanos(0), false
	if media := i.format == campaign.FormatVideo || i.format == campaign.FormatAudio; media && !s.fixed {
		for _, d := range s.durations {
			if i.seconds >= d.from && i.seconds <= d.to {
				floor, fits = max(floor, d.floor), true
			}
		}
	}
	if fits {
		return floor
	}
	return s.floor
}

// best looks at all line items: the bid for a way, 0 for none.
func (s *selling) best(items []wanting) money.Nanos {
	best, named := money.Nanos(0), false
	for i := range items {
		named = named || slices.Contains(items[i].deals, s.deal)
	}
	for i := range items {
		li := &items[i]
		switch {
		case s.domain != "" && s.domain != li.domain:
		case li.blocked, li.worth <= 0, li.worth < s.floorOf(li), s.fixed && s.floor <= 0:
		case named && !slices.Contains(li.deals, s.deal), !named && len(li.deals) > 0, !named && s.deal != "" && !li.anyDeal:
		default:
			best = max(best, li.worth)
		}
	}
	if best > 0 && s.fixed {
		return s.floor
	}
	return best
}

func drawFloor(rt *rapid.T, label string) money.Nanos {
	return money.Nanos(rapid.IntRange(0, 12).Draw(rt, label)) * money.Unit / 4000
}

func (s *selling) draw(rt *rapid.T, media bool) {
	s.floor = drawFloor(rt, "floor")
	if !media {
		return
	}
	for range rapid.IntRange(0, 2).Draw(rt, "durations") {
		from := rapid.SampledFrom([]int{1, 15, 16}).Draw(rt, "from")
		s.durations = append(s.durations, duration{from, from + rapid.SampledFrom([]int{0, 14, 60}).Draw(rt, "length"), drawFloor(rt, "floor of duration")})
	}
}

func floorsJSON(all []duration) string {
	var list []string
	for _, d := range all {
		list = append(list, fmt.Sprintf(`{"mindur":%d,"maxdur":%d,"bidfloor":%v}`, d.from, d.to, d.floor*1000))
	}
	return `"durfloors":[` + strings.Join(list, ",") + `]`
}

// The walk may stop early, but never before the highest bid of each way to buy
// an imp: in the open auction and under deals, whatever the format, above the
// floor that counts for it.
func TestPickIsTheHighestBid(t *testing.T) {
	t.Run("open", func(t *testing.T) { pickIsTheHighest(t, false) })
	t.Run("deals and formats", func(t *testing.T) { pickIsTheHighest(t, true) })
}

func pickIsTheHighest(t *testing.T, all bool) {
	formats := []campaign.Format{campaign.FormatBanner}
	if all {
		formats = append(formats, campaign.FormatVideo, campaign.FormatAudio, campaign.FormatNative)
	}
	deals := []string{"d1", "d2", "d3", "d4"} // the last is never offered
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		w.changes.Exchanges[0].SeveralBidsPerImp = true
		taken := formats
		if all {
			taken = rapid.SliceOfNDistinct(rapid.SampledFrom(formats), 1, -1, rapid.ID).Draw(rt, "taken")
		}
		var items []wanting
		n := rapid.IntRange(1, 40).Draw(rt, "line items")
		if rapid.IntRange(0, 3).Draw(rt, "many") == 0 {
			n += 3 * fullyScored
		}
		for range n {
			cpm := money.Nanos(rapid.Int64Range(1, 9).Draw(rt, "cpm")) * money.Unit / 2
			multiplier := float64(rapid.IntRange(1, 8).Draw(rt, "multiplier")) / 8
			i := wanting{worth: money.FromFloat(float64(cpm) / 1000 * multiplier), seconds: rapid.SampledFrom([]int{15, 30}).Draw(rt, "seconds"),
				format: rapid.SampledFrom(formats).Draw(rt, "format"), blocked: !rapid.Bool().Draw(rt, "fits"),
				domain: rapid.SampledFrom([]string{"example.com", "example.net"}).Draw(rt, "domain")}
			if all && rapid.Bool().Draw(rt, "names deals") {
				i.deals = rapid.SliceOfNDistinct(rapid.SampledFrom(deals), 1, 2, rapid.ID).Draw(rt, "deals")
			}
			favoured := rapid.SampledFrom(append([]campaign.Format{""}, formats...)).Draw(rt, "favoured format")
			if favoured == i.format {
				i.worth = money.FromFloat(float64(cpm) / 1000 * 2 * multiplier)
			}
			i.anyDeal = len(i.deals) == 0 && rapid.Bool().Draw(rt, "any deal")
			id := w.item(cpm.String(), func(li *campaign.LineItem, c *campaign.Creative) {
				if i.format != campaign.FormatBanner {
					of(i.format, i.seconds)(li, c)
				}
				li.Targeting.Deals.Include, li.Targeting.AnyDeal = i.deals, i.anyDeal
				c.Domains = []string{i.domain}
				if favoured != "" {
					li.Modifiers = []campaign.Modifier{{When: campaign.Targeting{Formats: campaign.Only(favoured)}, Factor: 2}}
				} else if rapid.Bool().Draw(rt, "loose bound") { // a factor that never applies
					li.Modifiers = []campaign.Modifier{{When: campaign.Targeting{Countries: campaign.Only("DEU")}, Factor: 10}}
				}
				if i.blocked {
					c.Categories = []string{"IAB7-39"}
				}
			})
			w.byItem[id] = multiplier
			takes := false
			for _, f := range taken {
				takes = takes || f == i.format
			}
			i.blocked = i.blocked || !takes
			items = append(items, i)
		}

		var open selling
		open.draw(rt, all)
		private := all && rapid.Bool().Draw(rt, "private auction")
		ways := map[string]selling{}
		if !private {
			ways[""] = open
		}
		var offered []string
		for _, id := range deals[:3] {
			if !all || !rapid.Bool().Draw(rt, id) {
				continue
			}
			s := selling{deal: id, fixed: rapid.Bool().Draw(rt, "fixed price")}
			s.draw(rt, true)
			at := ""
			if rapid.IntRange(0, 2).Draw(rt, "for one domain") == 0 {
				s.domain = "example.net"
				at = `,"wadomain":["example.net"]`
			}
			if s.fixed {
				at += `,"at":3`
			}
			ways[id] = s
			offered = append(offered, fmt.Sprintf(`{"id":%q,"bidfloor":%v%s,%s}`, id, s.floor*1000, at, floorsJSON(s.durations)))
		}
		w.open(money.Unit)

		// when the imp is offered
		var media []string
		for _, f := range taken {
			switch f {
			case campaign.FormatBanner:
				media = append(media, aBanner)
			case campaign.FormatVideo:
				media = append(media, strings.Replace(aVideo, "}", ","+floorsJSON(open.durations)+"}", 1))
			case campaign.FormatAudio:
				media = append(media, strings.Replace(anAudio, "}", ","+floorsJSON(open.durations)+"}", 1))
			case campaign.FormatNative:
				media = append(media, aNative)
			}
		}
		imp := fmt.Sprintf(`%s,"bidfloor":%v,"pmp":{"private_auction":%d,"deals":[%s]}`,
			strings.Join(media, ","), open.floor*1000, map[bool]int{true: 1}[private], strings.Join(offered, ","))
		body := strings.Replace(plain, aBanner+`,"bidfloor":0.1`, imp, 1)
		body = strings.Replace(body, `"at":1`, `"bcat":["IAB7"]`, 1)
		if rapid.Bool().Draw(rt, "passing over") {
			w.ceilings()
		}
		bids := w.bids(w.post(body))

		// then each way has the bid that a look at everything finds
		got, want := map[string]money.Nanos{}, map[string]money.Nanos{}
		for _, b := range bids {
			if _, twice := got[b.DealID]; twice {
				rt.Fatalf("two bids under %q", b.DealID)
			}
			got[b.DealID], _ = money.ParseCPM(fmt.Sprint(b.Price))
		}
		for id, s := range ways {
			if best := s.best(items); best > 0 {
				want[id] = best
			}
		}
		if !maps.Equal(got, want) {
			rt.Fatalf("bids by deal %v, the highest are %v, on %s", got, want, body)
		}
	})
}

// ceilings makes those that requests would pass line items over by after a
// while.
func (w *world) ceilings() {
	m := w.bidder.Multipliers()
	w.bidder.Multipliers = func() *pacing.Multipliers { return m }
	w.bidder.ceilings.make(w.bidder.Catalog.Load(), m)
}

// Whom walks pass over by their ceilings could not have won: where bounds fall
// and what is bid rises a little with each line item, the last one wins.
func TestWhoIsPassedOverCouldNotWin(t *testing.T) {
	const n = 4 * fullyScored
	w := newWorld(t)
	for i := range n {
		bound := 20 - float64(i)/n
		id := w.item(fmt.Sprintf("%.6f", bound), nil)
		w.byItem[id] = (2 + float64(i)/n) / bound
	}
	last := w.item("10", nil)
	w.byItem[last] = 0.2997
	for range 2 * n {
		w.byItem[w.item("9", nil)] = 0.1
	}
	w.open(money.Cap)
	w.ceilings()
	if bids := w.bids(w.post(plain)); len(bids) != 1 || bids[0].CrID != fmt.Sprint(last) {
		t.Errorf("%+v, want creative %d", bids, last)
	}
	if w.bidder.ceilings.of(w.bidder.Catalog.Load(), w.bidder.Multipliers()) == nil {
		t.Error("there were no ceilings to pass over by")
	}
}

// A deal with floors of durations is not settled by its plain floor: below it,
// a line item may still reach the floor of its own duration.
func TestTheSearchGoesOnToTheFloorsOfDurations(t *testing.T) {
	for floors, want := range map[string]int{`,"durfloors":[{"mindur":10,"bidfloor":1}]`: 1, ``: 0} {
		w := newWorld(t)
		w.item("2", func(li *campaign.LineItem, c *campaign.Creative) {
			of(campaign.FormatVideo, 15)(li, c)
			li.Targeting.Deals = campaign.Only("d")
		})
		w.open(money.Unit)
		body := strings.Replace(taking(aVideo), `"bidfloor":0.1`, `"pmp":{"private_auction":1,"deals":[{"id":"d","bidfloor":5`+floors+`}]}`, 1)
		if bids := w.bids(w.post(body)); len(bids) != want {
			t.Errorf("floors %q: %d bids, want %d", floors, len(bids), want)
		}
	}
}

// Line items that cannot win hide nobody, whatever it is that they fail at and
// however many they are.
func TestWhoCannotWinHidesNobody(t *testing.T) {
	type item = func(*campaign.LineItem, *campaign.Creative)
	floors := `,"durfloors":[{"mindur":1,"maxdur":15,"bidfloor":1},{"mindur":16,"maxdur":60,"bidfloor":50}]}`
	for name, c := range map[string]struct {
		n            int
		cpm          string
		others, ours item
		body         string
	}{
		"a factor that never applies": {300, "1", func(li *campaign.LineItem, _ *campaign.Creative) {
			li.Modifiers = []campaign.Modifier{{When: campaign.Targeting{Countries: campaign.Only("DEU")}, Factor: 10}}
		}, nil, plain},
		"domains that the deal is not for": {300, "20", func(li *campaign.LineItem, c *campaign.Creative) {
			names("d")(li, c)
			c.Domains = []string{"other.example"}
		}, names("d"), withDeals(1, `{"id":"d","bidfloor":1,"wadomain":["example.com"]}`)},
		"durations of a higher floor": {300, "20", of(campaign.FormatVideo, 30), of(campaign.FormatVideo, 15), taking(strings.Replace(aVideo, "}", floors, 1))},
		"circles, which have no index": {5000, "20", func(li *campaign.LineItem, _ *campaign.Creative) {
			li.Targeting.Areas.Include = []campaign.Area{{Lat: 10, Lon: 10, RadiusKM: 10}}
		}, nil, plain},
		"what the controller holds back": {300, "20", nil, nil, plain},
	} {
		t.Run(name, func(t *testing.T) {
			// Given line items with higher bounds, when one below them could bid, then it does.
			w := newWorld(t)
			for range c.n {
				if id := w.item(c.cpm, c.others); name == "what the controller holds back" {
					w.byItem[id] = 0.01
				}
			}
			ours := w.item("5", c.ours)
			w.open(money.Cap)
			w.ceilings()
			bids := w.bids(w.post(strings.Replace(c.body, `"at":1}`, `"at":1,"tmax":60000}`, 1))) // however busy the machine
			if len(bids) != 1 || bids[0].CrID != fmt.Sprint(ours) {
				t.Errorf("%+v, want creative %d", bids, ours)
			}
		})
	}
}

// What work a request may cause is bounded, and where the bound ends a walk
// that is told.
func TestWalksAreCutAndThatIsTold(t *testing.T) {
	const n = 200
	w := newWorld(t)
	for range maxWork / aCheck {
		w.item("20", func(li *campaign.LineItem, _ *campaign.Creative) {
			li.Targeting.Areas.Include = []campaign.Area{{Lat: 10, Lon: 10, RadiusKM: 10}}
		})
	}
	behind := w.item("5", nil)
	w.open(money.Cap)
	for i := range n {
		w.bidder.samples.Store(uint64(maxWork/aCheck - i%sampleSize))
		if bids := w.bids(w.post(strings.Replace(plain, `"r1"`, fmt.Sprintf(`"r%d"`, i), 1))); len(bids) != 0 {
			t.Fatalf("a bid behind %d line items", maxWork/aCheck)
		}
	}
	if c := w.count("tangent_bidder_no_bids_total", openrtb.NotReached); c != n {
		t.Errorf("%v of %d no-bids say why", c, n)
	}
	if got := w.counts(behind); got.Sampled[openrtb.NotReached] == 0 || got.Sampled[openrtb.None] != 0 {
		t.Errorf("of the line item behind: %+v", got)
	}
}
