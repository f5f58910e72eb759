package plans

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/report/frontiers"
	"github.com/tangent-dsp/tangent/report/reporttest"
	"github.com/tangent-dsp/tangent/report/rotate"
	"github.com/tangent-dsp/tangent/report/why"
)

func TestMain(m *testing.M) { reporttest.Main(m) }

// world is a line item with a daily budget, under a campaign's for its flight.
type world struct {
	*reporttest.World
	t       *testing.T
	rows    *Rows
	reports *Reports
	item    campaign.LineItem
	of      campaign.Campaign
}

func onEach(t *testing.T, test func(*world)) {
	reporttest.OnEach(t, func(of *reporttest.World) {
		w := &world{World: of, t: of.T, rows: NewRows(of.Store.DB())}
		must := reporttest.Must[*frontiers.Reports](w.t)
		curves := must(frontiers.NewReports(frontiers.ReportsConfig{Store: w.Store, Ledger: w.Ledger, Rows: frontiers.NewRows(w.Store.DB()), Reasons: why.NewRows(w.Store.DB()), Clock: w.Clock}))
		w.reports = reporttest.Must[*Reports](w.t)(NewReports(ReportsConfig{Store: w.Store, Ledger: w.Ledger, Rows: w.rows, Frontiers: curves, Clock: w.Clock}))
		w.of = w.Campaign(campaign.Budget{Lifetime: 900 * money.Unit, Pacing: campaign.PaceEven})
		w.item = reporttest.Must[campaign.LineItem](w.t)(w.Store.CreateLineItem(w.t.Context(), campaign.LineItem{CampaignID: w.of.ID, Name: "Runners", Status: campaign.Active,
			Goal: campaign.Goal{Kind: campaign.CPM, Amount: money.Unit}, MaxBidCPM: 4 * money.Unit, Budget: campaign.Budget{Daily: 24 * money.Unit}}))
		w.Refresh()
		test(w)
	})
}

// flusher is of a controller that sees the line item as the view that it is
// given.
func (w *world) flusher(controller string, v *pacing.View, steers func() bool) *rotate.Flusher[row] {
	w.t.Helper()
	return reporttest.Must[*rotate.Flusher[row]](w.t)(NewFlusher(FlusherConfig{
		Rows: w.rows, Controller: controller, Catalog: w.Catalog.Load, Clock: w.Clock, Interval: time.Second, Steers: steers,
		View: func(id event.LineItemID) (pacing.View, bool) { return *v, id == w.item.ID },
	}))
}

func (w *world) flush(f *rotate.Flusher[row]) {
	w.t.Helper()
	if err := f.FlushAll(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) report() *Report {
	w.t.Helper()
	return reporttest.Must[*Report](w.t)(w.reports.Of(w.t.Context(), w.item.ID))
}

// view is what a controller would say while the line item's own budget rules.
func (w *world) view() *pacing.View {
	day := campaign.PeriodOf(w.Clock.Now(), time.UTC)
	start, end := campaign.PeriodBounds(day, time.UTC)
	v := &pacing.View{At: w.Clock.Now(), Multiplier: 0.25, Budgets: []pacing.BudgetView{
		{Standing: pacing.Standing{Node: w.item.Budget.DailyNode, Lambda: 4, Planned: 0.5, Seen: 1000, Left: 900, Calibration: 1.1}, Period: day,
			Spread: true, Start: start, End: end, Rules: true, Amount: 24 * money.Unit, Spent: 11 * money.Unit},
		{Standing: pacing.Standing{Node: w.of.Budget.LifetimeNode, Lambda: 2, Planned: 0.3}, Spread: true, Start: start, End: end, Amount: 900 * money.Unit},
	}}
	for h := range 24 {
		v.Budgets[0].Slots = append(v.Budgets[0].Slots, pacing.Slot{From: start.Add(time.Duration(h) * time.Hour), To: start.Add(time.Duration(h+1) * time.Hour),
			Planned: float64(h+1) / 24, Seen: h < 12, Spent: money.Nanos(min(h, 11)) * money.Unit})
	}
	return v
}

// states lists what budgets do, with the details one after the other.
func states(r *Report) (of map[string]State, details string) {
	of = map[string]State{}
	for _, b := range r.Budgets {
		of[b.Of] = b.State
		details += b.Detail + "\n"
	}
	return of, details
}

// What a controller sees is there once it was flushed: the budget that rules
// binds, the other is merged into it, and slots are as they were. The one that
// stepped last is told of, also where nothing changed; one that does not steer
// writes nothing.
func TestWhatAControllerSeesIsReported(t *testing.T) {
	onEach(t, func(w *world) {
		if of, _ := states(w.report()); of[frontiers.LineItemDaily] != Unknown || of[frontiers.CampaignLifetime] != Unknown || len(of) != 2 {
			t.Errorf("before any step: %v", of)
		}
		local := w.view()
		local.Multiplier = 0.5
		w.flush(w.flusher("bidder-1", local, nil))
		w.Clock.Advance(time.Minute)
		central := w.view()
		f := w.flusher(Central, central, nil)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := f.FlushAll(gone); err == nil {
			t.Error("no error of a flush that could not be")
		}
		w.flush(f)
		silent := w.view()
		w.flush(w.flusher("bidder-2", silent, func() bool { return false }))

		r := w.report()
		if of, _ := states(r); of[frontiers.LineItemDaily] != Binds || of[frontiers.CampaignLifetime] != Merged {
			t.Errorf("%v", of)
		}
		if len(r.Steps) != 2 || r.Steps[0].Controller != Central || r.Steps[1].Controller != "bidder-1" || r.View().Multiplier != 0.25 {
			t.Errorf("stepped by %+v", r.Steps)
		}
		b := &r.Budgets[0]
		if b.Limit != 24*money.Unit || b.Left != b.Limit || b.Pace != campaign.PaceTraffic || r.Budgets[1].Pace != campaign.PaceEven || len(b.View.Slots) != 24 || b.View.Slots[3] != central.Budgets[0].Slots[3] || b.View.Calibration != 1.1 {
			t.Errorf("%+v of %+v", b, b.View)
		}

		// Nothing changes but the time of steps.
		for range 2 {
			w.Clock.Advance(time.Minute)
			central.At = w.Clock.Now()
			w.flush(f)
		}
		if got := w.report().Steps[0].At; w.Clock.Now().Sub(got) > time.Minute {
			t.Errorf("it stepped last at %v, now is %v", got, w.Clock.Now())
		}

		w.Clock.Advance(24 * time.Hour) // yesterday's view says nothing of today's budget
		if of, _ := states(w.report()); of[frontiers.LineItemDaily] != Unknown {
			t.Errorf("on the next day: %v", of)
		}
		w.Clock.Advance(kept)
		if err := w.rows.Prune(t.Context(), w.Clock.Now().Add(-kept)); err != nil {
			t.Fatal(err)
		}
		if r := w.report(); len(r.Steps) != 0 {
			t.Errorf("%+v was deleted", r.Steps)
		}
		if _, err := w.reports.Of(t.Context(), 99); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an unknown line item: %v", err)
		}
	})
}

// Each budget says why it does not bind.
func TestBudgetsSayWhatTheyDo(t *testing.T) {
	onEach(t, func(w *world) {
		for name, c := range map[string]struct {
			change func(*pacing.View)
			want   State
			says   string
		}{
			"behind, with money to spare": {func(v *pacing.View) { v.Budgets[0].Rules, v.Budgets[0].Spent = false, money.Unit }, Slack, "cannot be spent: no imp came"},
			"as planned at full values":   {func(v *pacing.View) { v.Budgets[0].Rules, v.Budgets[0].Spent = false, 12*money.Unit }, Slack, "as planned"},
			"a limit holds it back":       {func(v *pacing.View) { v.Limit = &pacing.LimitView{Most: .1, Price: 2} }, Binds, "what outcomes may cost"},
			"nothing to spread it over":   {func(v *pacing.View) { v.Budgets[0].Spread = false }, Wall, "no end"},
		} {
			v := w.view()
			c.change(v)
			w.Clock.Advance(time.Second)
			v.At = w.Clock.Now()
			w.flush(w.flusher(Central, v, nil))
			of, details := states(w.report())
			if of[frontiers.LineItemDaily] != c.want || !strings.Contains(details, c.says) {
				t.Errorf("%s: %v, %s", name, of, details)
			}
		}
		// Names of budgets are for people.
		merged := w.view()
		w.Clock.Advance(time.Second)
		merged.At = w.Clock.Now()
		w.flush(w.flusher(Central, merged, nil))
		if _, details := states(w.report()); !strings.Contains(details, "merged into the line item's daily budget") {
			t.Error(details)
		}
		w.Clock.Advance(6 * 24 * time.Hour)
		if of, _ := states(w.report()); of[frontiers.LineItemDaily] != Closed || of[frontiers.CampaignLifetime] != Closed {
			t.Errorf("after the flight: %v", of)
		}
	})
}

// Given a view in which the budget binds, when the line item may not bid, then
// every budget says why, whatever the view that is left says, and no traffic
// comes to the line item's own that may not be bid on.
func TestWhatDoesNotBidSaysSo(t *testing.T) {
	noon := reporttest.Noon // of a Tuesday
	at := func(days int) campaign.LocalTime { return campaign.LocalTimeOf(noon.AddDate(0, 0, days)) }
	onEach(t, func(w *world) {
		w.flush(w.flusher(Central, w.view(), nil))
		for _, c := range []struct {
			name, why string
			change    func(*owners)
			state     State
			left      float64 // of the line item's own budget
			slots     int
		}{
			{"may bid", "", func(*owners) {}, Binds, 900, 24},
			{"line item paused", "line item 1 is paused", func(o *owners) { o.lineItem.Status = campaign.Paused }, Paused, 0, 24},
			{"campaign paused", "campaign 1 is paused", func(o *owners) { o.campaign.Status = campaign.Paused }, Paused, 0, 24},
			{"advertiser paused", "advertiser 1 is paused", func(o *owners) { o.advertiser.Status = campaign.Paused }, Paused, 0, 24},
			{"archived", "line item 1 is archived", func(o *owners) { o.lineItem.Status = campaign.Archived }, Closed, 0, 24},
			{"over", "the flight ended at 2026-11-30T12:00:00Z", func(o *owners) { o.lineItem.Flight.End = at(-1) }, Closed, 0, 24},
			{"not begun", "the flight begins at 2026-12-03T12:00:00Z", func(o *owners) { o.lineItem.Flight.Start = at(2) }, Closed, 0, 24},
			{"on Mondays", "begins at 2026-12-07T00:00:00Z", func(o *owners) {
				o.campaign.Flight.End, o.lineItem.Targeting.Dayparts = at(20), []campaign.Daypart{{Days: []time.Weekday{time.Monday}, From: 0, To: 24}}
			}, OffHours, 0, 0},
			{"this evening", "begins at 2026-12-01T20:00:00Z", func(o *owners) {
				o.lineItem.Targeting.Dayparts = []campaign.Daypart{{Days: []time.Weekday{time.Tuesday}, From: 20, To: 24}}
			}, OffHours, 900, 24},
			{"this morning", "begins at 2026-12-08T08:00:00Z", func(o *owners) {
				o.campaign.Flight.End, o.lineItem.Targeting.Dayparts = at(20), []campaign.Daypart{{Days: []time.Weekday{time.Tuesday}, From: 8, To: 12}}
			}, OffHours, 0, 24},
			{"too late", "none of the hours that it targets is left", func(o *owners) {
				o.lineItem.Targeting.Dayparts = []campaign.Daypart{{Days: []time.Weekday{time.Tuesday}, From: 8, To: 12}}
			}, Closed, 0, 24},
		} {
			r := w.report()
			o := reporttest.Must[*owners](w.t)(w.reports.owners(w.t.Context(), r))
			c.change(o)
			r.tell(o)
			if r.Stopped == "" != (c.why == "") || !strings.Contains(r.Stopped, c.why) {
				t.Errorf("%s: %q", c.name, r.Stopped)
			}
			own, shared := &r.Budgets[0], &r.Budgets[1]
			if own.State != c.state || own.View.Left != c.left || len(own.View.Slots) != c.slots {
				t.Errorf("%s: %s, %v to come, %d slots: %s", c.name, own.State, own.View.Left, len(own.View.Slots), own.Detail)
			}
			if c.why != "" && shared.State != c.state {
				t.Errorf("%s: the campaign's budget %s", c.name, shared.State)
			}
		}
		// As it comes through the store.
		w.item.Status = campaign.Paused
		if _, err := w.Store.UpdateLineItem(w.t.Context(), w.item.ID, store.To(w.item)); err != nil {
			t.Fatal(err)
		}
		if of, _ := states(w.report()); of[frontiers.LineItemDaily] != Paused || of[frontiers.CampaignLifetime] != Paused {
			t.Errorf("paused: %v", of)
		}
	})
}
