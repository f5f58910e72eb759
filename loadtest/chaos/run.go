package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

const (
	grace    = 40 * time.Second // for the last notices, once the requests are over
	settling = 60 * time.Second // for booking, after the last notice
	patience = 30 * time.Second // for recovery from one fault
)

// Run plays cfg. It returns a result when it could be played to its end;
// whether the money is right, the result's Verdict says. Everything that it
// started has ended when it returns.
func Run(ctx context.Context, cfg Config) (r *Result, err error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("cannot play: %w", err)
	}
	dir, err := os.MkdirTemp("", "tangent-loadtest-")
	if err != nil {
		return nil, fmt.Errorf("cannot play: %w", err)
	}
	show := &progress{to: cfg.Progress}
	defer func() {
		if os.Remove(dir) == nil {
			return // nothing was started
		}
		if cfg.Keep || (err != nil || r.Verdict() != nil) && !errors.Is(err, context.Canceled) {
			show.say("logs of all processes are in %s", dir)
		} else {
			_ = os.RemoveAll(dir)
		}
	}()
	show.say("starting Redis, PostgreSQL, %d NATS, %d bidders, %d workers, 1 control plane", cfg.NATSServers, cfg.Bidders, workers)
	w, err := newWorld(ctx, cfg, dir)
	defer w.close()
	if err != nil {
		return nil, fmt.Errorf("cannot play: %w", err)
	}
	campaigns, err := w.setUp(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot set campaigns up: %w", err)
	}
	r, err = w.play(ctx, campaigns, show)
	if err != nil {
		return nil, fmt.Errorf("cannot play to the end: %w", err)
	}
	return r, nil
}

// play runs the traffic and the faults, and compares the books.
func (w *world) play(ctx context.Context, campaigns []sold, show *progress) (*Result, error) {
	cfg := &w.cfg
	r := &Result{
		Seed: cfg.Seed, Bidders: cfg.Bidders, NATSServers: cfg.NATSServers, DurationSeconds: cfg.Duration.Seconds(), Faults: cfg.Faults,
		RecoverySeconds: map[Fault]float64{}, UnexpectedExits: map[string]int{},
	}
	f, b, k := newFlow(w.bidders), newBound(), new(kept)
	for _, c := range campaigns {
		if c.user {
			f.known = fmt.Sprint(c.id)
		}
	}
	pause(ctx, time.Until(w.anchor))

	watching, stopWatching := context.WithCancel(context.Background())
	var watchers sync.WaitGroup
	watchers.Go(func() { w.watch(watching, f, b, k) })
	stop := func() { stopWatching(); watchers.Wait() }
	defer stop()

	start := time.Now()
	playing, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	var faults sync.WaitGroup
	faults.Go(func() {
		if err := w.disturb(playing, start, r, f, show); err != nil {
			abort(err)
		}
	})
	faults.Go(func() {
		if err := w.payers.payInTheMiddle(playing, w, start); err != nil {
			abort(err)
		}
	})
	books, err := w.exchange(playing, start, f, show)
	faults.Wait()
	if err != nil {
		return nil, errors.Join(err, context.Cause(playing))
	}
	w.settle(ctx, money.Nanos(books.BilledNotifiedNanos), show)
	stop()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	a, err := w.audit(ctx)
	if err != nil {
		return nil, err
	}
	r.compare(books, a)
	if err := w.reconcile(ctx, r, books); err != nil {
		return nil, err
	}
	report, err := w.ledger.Report(ctx, ledger.Filter{})
	if err != nil {
		return nil, err
	}
	bounds := b.byNode()
	currencies := map[event.NodeID]string{}
	for _, n := range report {
		currencies[n.Node] = n.Currency
	}
	for node, p := range bounds {
		p.Stated = count(dollars(money.Nanos(p.Stated), currencies[node]))
		p.Dead = count(dollars(money.Nanos(p.Dead), currencies[node]))
		r.StatedBound += p.sum()
		r.StatedBoundOf.Stated += p.Stated
		r.StatedBoundOf.Dead += p.Dead
	}
	unused, err := k.unused(ctx, w)
	if err != nil {
		return nil, fmt.Errorf("cannot read what dead starts had: %w", err)
	}
	r.judgeBudgets(w.budgetResults(campaigns, report, bounds, unused))
	all := append([]*process(nil), w.nats...)
	for _, n := range w.nodes() {
		all = append(all, n.process)
	}
	for _, p := range all {
		if n := p.unexpected(); n > 0 {
			r.UnexpectedExits[p.name] = n
		}
	}
	return r, nil
}

// exchange plays the exchange and returns its books.
func (w *world) exchange(ctx context.Context, start time.Time, f *flow, show *progress) (*loadtest.Books, error) {
	var targets []string
	for _, n := range w.bidders {
		targets = append(targets, "http://"+n.listen)
	}
	return loadtest.RunExchange(ctx, loadtest.ExchangeConfig{
		Targets: targets, Clock: w.clock, Start: start, Rate: w.cfg.Rate, Duration: w.cfg.Duration, Seed: w.cfg.Seed,
		Users: users, VendorID: vendorID, Grace: grace, Behaviour: w.cfg.behaviour(), MaxNotices: 64, KeepSales: true,
		TMaxLow: 200 * time.Millisecond, TMaxHigh: 200 * time.Millisecond,
		OnBid:    f.bid,
		Progress: func(s loadtest.Stats) { show.traffic(s, f.bookings.Load()) },
	})
}

// disturb injects the faults at their times, and records how long it takes
// until all flows again.
func (w *world) disturb(ctx context.Context, start time.Time, r *Result, f *flow, show *progress) error {
	var recovering sync.WaitGroup
	defer recovering.Wait()
	var mu sync.Mutex
	for _, p := range plan(w.cfg.Faults, w.cfg.Seed, w.cfg.Duration) {
		pause(ctx, time.Until(start.Add(p.at)))
		if ctx.Err() != nil {
			return nil
		}
		at := time.Since(start)
		show.fault(p.Fault)
		since, again, err := w.inject(ctx, p, f)
		if err != nil {
			return err
		}
		show.fault("")
		r.Injected = append(r.Injected, fmt.Sprintf("%s at %.1f s for %.1f s", p.Fault, at.Seconds(), time.Since(start).Seconds()-at.Seconds()))
		recovering.Go(func() {
			ok := waitFor(ctx, again)
			mu.Lock()
			defer mu.Unlock()
			if ok {
				r.RecoverySeconds[p.Fault] = time.Since(since).Seconds()
			} else {
				r.NotRecovered = append(r.NotRecovered, p.Fault)
			}
		})
	}
	return nil
}

func waitFor(ctx context.Context, ok func() bool) bool {
	limit := time.Now().Add(patience)
	for !ok() {
		if ctx.Err() != nil || time.Now().After(limit) {
			return false
		}
		pause(ctx, 5*time.Millisecond)
	}
	return true
}

// settle waits until all that the exchange told is booked, no bidder keeps
// any of it to itself and the log has no more. What is not booked by then
// shows in the books.
func (w *world) settle(ctx context.Context, told money.Nanos, show *progress) {
	ctx, cancel := context.WithTimeout(ctx, settling)
	defer cancel()
	for ctx.Err() == nil {
		var booked money.Nanos
		totals, err := w.ledger.Totals(ctx)
		for _, t := range totals {
			booked += t.Amount
		}
		show.settling(told, booked)
		if err == nil && booked >= told && w.drained(ctx) {
			return
		}
		pause(ctx, 100*time.Millisecond)
	}
}

// drained says whether no notice is on its way to the ledger.
func (w *world) drained(ctx context.Context) bool {
	for _, n := range w.bidders {
		if m := w.gauges(ctx, n); m == nil || m["tangent_spool_records"] != 0 || m["tangent_log_queued_bytes"] != 0 {
			return false
		}
	}
	for _, n := range w.workers {
		if m := w.gauges(ctx, n); m == nil || m["tangent_log_unbooked_messages"] != 0 {
			return false
		}
	}
	return true
}

func (w *world) budgetResults(campaigns []sold, report []ledger.NodeReport, bounds map[event.NodeID]parts, unused map[event.NodePeriod]money.Nanos) []BudgetResult {
	var all []BudgetResult
	for _, n := range report {
		c := owner(campaigns, n)
		if c == nil {
			c = &sold{order: order{name: fmt.Sprintf("balance in %s", n.Currency)}}
		}
		ended := n.Daily && n.Period == campaign.PeriodOf(w.midnight.Add(-1), w.midnight.Location())
		all = append(all, BudgetResult{
			Node: int64(n.Node), Campaign: c.name, Currency: n.Currency, LineItem: int64(n.LineItem), Date: n.Period.Date(),
			Limit: count(n.Limit), Booked: count(n.Booked), Outstanding: count(n.Outstanding), Overrun: count(n.Overrun),
			Bound: bounds[n.Node].sum(), BoundOf: bounds[n.Node], Kept: count(unused[event.NodePeriod{Node: n.Node, Period: n.Period}]), Ended: ended,
			Exhaustible: c.exhaust && n.LineItem == 0 && (ended || !n.Daily), // beside others, a line item's share is left to competition
		})
	}
	return all
}

// owner returns the campaign whose budget this is, or nil for a balance.
func owner(campaigns []sold, n ledger.NodeReport) *sold {
	for i := range campaigns {
		if c := &campaigns[i]; n.Campaign == c.id || slices.Contains(c.lineItems, n.LineItem) {
			return c
		}
	}
	return nil
}
