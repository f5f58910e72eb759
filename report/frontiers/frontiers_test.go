package frontiers

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/frontier"
	"github.com/tangent-dsp/tangent/report/reporttest"
	"github.com/tangent-dsp/tangent/report/rotate"
	"github.com/tangent-dsp/tangent/report/why"
)

func TestMain(m *testing.M) { reporttest.Main(m) }

var noon = reporttest.Noon

// world is a campaign of two line items, and a bidder that samples them.
type world struct {
	*reporttest.World
	t       *testing.T
	rows    *Rows
	reasons *why.Rows
	reports *Reports
	samples *frontier.Sampler
	prices  *landscape.Learner
	items   []campaign.LineItem
	random  *rand.Rand
}

func onEach(t *testing.T, budget campaign.Budget, own campaign.Budget, test func(*world)) {
	reporttest.OnEach(t, func(of *reporttest.World) {
		w := &world{World: of, t: of.T, samples: frontier.NewSampler(0), random: rand.New(rand.NewPCG(1, 2))}
		w.prices = reporttest.Must[*landscape.Learner](w.t)(landscape.NewLearner(landscape.Config{}))
		w.rows, w.reasons = NewRows(w.Store.DB()), why.NewRows(w.Store.DB())
		w.reports = reporttest.Must[*Reports](w.t)(NewReports(ReportsConfig{Store: w.Store, Ledger: w.Ledger, Rows: w.rows, Reasons: w.reasons, Clock: w.Clock}))
		c := w.Campaign(budget)
		for range 2 {
			w.items = append(w.items, reporttest.Must[campaign.LineItem](w.t)(w.Store.CreateLineItem(w.t.Context(), campaign.LineItem{CampaignID: c.ID, Name: "Runners", Status: campaign.Active,
				Goal: campaign.Goal{Kind: campaign.CPC, Amount: money.Unit}, ClickRate: 0.004, MaxBidCPM: 4 * money.Unit, Budget: own})))
		}
		w.Refresh()
		for range 3000 {
			w.prices.Exact(theKey, w.price())
		}
		w.prices.Model(noon)
		test(w)
	})
}

var theKey = landscape.KeyOf(landscape.Context{Exchange: 1, Currency: "USD", Mechanism: landscape.SecondPrice})

// price is about 1.00 per thousand.
func (w *world) price() float64 { return 1e6 * math.Exp(0.5*w.random.NormFloat64()) }

// meet plays the day before now: n opportunities of a line item.
func (w *world) meet(s *frontier.Sampler, id event.LineItemID, n int) {
	in := s.Of(id)
	for i := range n {
		at := w.Clock.Now().Add(-23*time.Hour + time.Duration(i)*23*time.Hour/time.Duration(n))
		if hash := w.random.Uint32(); in.Meet(hash, 4e6, at) {
			in.Keep(frontier.Sample{At: uint32(at.Unix()), Hash: hash, Mechanism: landscape.SecondPrice, Context: theKey,
				Value: 0.004, Outcomes: 0.004, Quantity: 1, Rate: 1, Slope: 1})
		}
	}
}

func (w *world) flusher(incarnation uint64, s *frontier.Sampler) *rotate.Flusher[frontier.Record] {
	w.t.Helper()
	return reporttest.Must[*rotate.Flusher[frontier.Record]](w.t)(NewFlusher(FlusherConfig{
		Rows: w.rows, Incarnation: incarnation, Samples: s, Catalog: w.Catalog.Load, Landscape: w.prices.Load, Clock: w.Clock, Interval: time.Second,
		Multipliers: func() *pacing.Multipliers {
			return pacing.NewMultipliers(1, map[event.LineItemID]float64{w.items[0].ID: 0.25, w.items[1].ID: 0.25})
		},
	}))
}

func (w *world) report(i int) *Report {
	w.t.Helper()
	return reporttest.Must[*Report](w.t)(w.reports.Of(w.t.Context(), w.items[i].ID))
}

// Given two bidders, one of which started anew, when all wrote what they met,
// then the frontier is of all of it; a write that fails is made up for, and
// what is old is forgotten.
func TestFrontierIsOfAllBiddersAndStarts(t *testing.T) {
	onEach(t, campaign.Budget{Daily: 1_000_000 * money.Unit}, campaign.Budget{Daily: 2 * money.Unit}, func(w *world) {
		id := w.items[0].ID
		if r := w.report(0); r.Frontier != nil || r.Binding()[0].Code != LimitNothing {
			t.Errorf("nothing was met: %+v", r)
		}
		for incarnation := range uint64(3) {
			s := frontier.NewSampler(0)
			w.meet(s, id, 4000)
			f := w.flusher(7+incarnation, s)
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			if err := f.FlushAll(gone); err == nil {
				t.Error("no error of a flush that could not be")
			}
			for range 2 {
				if err := f.FlushAll(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		r := w.report(0)
		if r.Frontier == nil || math.Abs(r.Market.Met/12_000*23/24-1) > 0.02 || r.Market.Samples < 3*64 || r.Market.Multiplier != 0.25 {
			t.Fatalf("%+v", r.Frontier)
		}
		if r.Budget.Of != LineItemDaily || math.Abs(r.W.Spend-2e9) > 1 || len(r.Binding()) != 0 || r.Market.Terms.Worth != 1e9 || r.Market.Terms.MaxBid != 4e6 {
			t.Errorf("%+v of %+v: %+v", r.Budget, r.Market.Terms, r.W)
		}
		if _, err := w.reports.Of(t.Context(), 99); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an unknown line item: %v", err)
		}
		if err := w.rows.Prune(t.Context(), noon.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if r := w.report(0); r.Frontier != nil {
			t.Error("there is a frontier of what was deleted")
		}
	})
}

// A campaign's budget is divided so that the last unit buys as much in each
// line item: those that met the same get the same, and what one cannot spend is
// the other's.
func TestSharedBudgetIsDividedAtOnePrice(t *testing.T) {
	onEach(t, campaign.Budget{Lifetime: 10 * money.Unit}, campaign.Budget{Daily: 5 * money.Unit}, func(w *world) {
		w.meet(w.samples, w.items[0].ID, 6000)
		w.meet(w.samples, w.items[1].ID, 6000)
		f := w.flusher(7, w.samples)
		if err := f.FlushAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		a, b := w.report(0), w.report(1) // five days are left: 2.00 a day
		if a.Budget.Of != CampaignLifetime || math.Abs(a.Budget.PerDay+b.Budget.PerDay-2e9) > 1e6 || math.Abs(a.Budget.PerDay/1e9-1) > 0.1 {
			t.Errorf("%+v, %+v", a.Budget, b.Budget)
		}
		if limits := a.Binding(); len(limits) == 0 || limits[0].Code != LimitShared {
			t.Errorf("%+v", limits)
		}
	})
}

// A campaign's budget below a line item's own is shared only where another
// takes of it; and it is told where a goal without an amount goes first.
func TestSharedBudgetSaysWhoTakesOfIt(t *testing.T) {
	onEach(t, campaign.Budget{Daily: 2 * money.Unit}, campaign.Budget{Daily: 5 * money.Unit}, func(w *world) {
		details := func() (codes []string, details string) {
			for _, l := range w.report(0).Binding() {
				codes, details = append(codes, l.Code), details+l.Detail+"\n"
			}
			return codes, details
		}
		w.meet(w.samples, w.items[0].ID, 6000)
		if err := w.flusher(7, w.samples).FlushAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if codes, text := details(); !slices.Contains(codes, LimitShared) || !strings.Contains(text, "the campaign's daily budget is 2.00 USD a day, less than") || strings.Contains(text, "share") {
			t.Errorf("of all that there is: %v, %s", codes, text)
		}
		w.meet(w.samples, w.items[1].ID, 6000)
		if err := w.flusher(7, w.samples).FlushAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if codes, text := details(); !slices.Contains(codes, LimitShared) || slices.Contains(codes, LimitMixed) || !strings.Contains(text, "other line items share the campaign's daily budget: it leaves 1.") {
			t.Errorf("of two: %v, %s", codes, text)
		}
		w.items[1].Goal = campaign.Goal{Kind: campaign.MaxClicks}
		reporttest.Must[campaign.LineItem](t)(w.Store.UpdateLineItem(t.Context(), w.items[1].ID, store.To(w.items[1])))
		if codes, text := details(); codes[0] != LimitMixed || !strings.Contains(text, "line item 2, whose goal puts no amount on an outcome, shares the campaign's daily budget") {
			t.Errorf("beside a max goal: %v, %s", codes, text)
		}
		if r := w.report(1); r.Open != 0 {
			t.Errorf("the max goal itself: %d", r.Open)
		}
		// Line items that all have such a goal share at one price.
		w.items[0].Goal = campaign.Goal{Kind: campaign.MaxClicks}
		reporttest.Must[campaign.LineItem](t)(w.Store.UpdateLineItem(t.Context(), w.items[0].ID, store.To(w.items[0])))
		if codes, _ := details(); slices.Contains(codes, LimitMixed) {
			t.Errorf("both have a max goal: %v", codes)
		}
	})
}

// A budget that cannot be spent says why: by the curve, and by what refused
// imps.
func TestWhatKeepsABudgetFromBeingSpent(t *testing.T) {
	onEach(t, campaign.Budget{Daily: 1_000_000 * money.Unit}, campaign.Budget{Daily: 1000 * money.Unit}, func(w *world) {
		w.meet(w.samples, w.items[0].ID, 5000)
		if err := w.flusher(7, w.samples).FlushAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		var counts catalog.Counts
		counts.Sampled[openrtb.FrequencyCapped], counts.Sampled[openrtb.None] = 60, 40
		if err := w.reasons.Write(t.Context(), 7, []why.Row{{LineItem: w.items[0].ID, Day: 20261201, Counts: counts}}); err != nil {
			t.Fatal(err)
		}
		r := w.report(0)
		var codes []string
		for _, l := range r.Binding() {
			if codes = append(codes, l.Code); l.Detail == "" || l.Remedy == "" {
				t.Errorf("%s says not enough: %+v", l.Code, l)
			}
		}
		if want := []string{frontier.LimitTraffic, "frequency_capped"}; !slices.Equal(codes, want) {
			t.Errorf("%v, want %v", codes, want)
		}
		if most := r.Curve.Most().Spend; math.Abs(r.Refused[0].Spend/most-2.5) > 0.01 || r.W.Spend != most {
			t.Errorf("without the cap %.3g, with it %.3g", r.Refused[0].Spend, most)
		}
	})
}
