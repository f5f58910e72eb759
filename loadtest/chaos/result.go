package chaos

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/money"
)

// count is an amount as the result has it: whole nanos, in a string.
type count money.Nanos

// MarshalText writes the number of nanos.
func (c count) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(c), 10), nil }

// Result is both books, and what they say of each other. Amounts are whole
// nanos (1e-9) of the exchange's currency unit, as decimal strings; those of a
// budget are in its own currency.
type Result struct {
	Seed            uint64   `json:"seed"`
	Bidders         int      `json:"bidders"`
	NATSServers     int      `json:"nats_servers"`
	DurationSeconds float64  `json:"duration_seconds"`
	Faults          []Fault  `json:"faults"`
	Injected        []string `json:"injected"` // in their order, with their times

	BilledNotified   count `json:"exchange_billed_notified_nanos"`
	BilledUnnotified count `json:"exchange_billed_unnotified_nanos"`
	Booked           count `json:"booked_nanos"`
	Disputed         count `json:"disputed_nanos"`
	Overcharged      count `json:"exchange_overcharged_nanos"` // notified prices beyond the bids
	// Unnotified is what reconciling the exchange's billing reports lists as
	// billed and never notified, and ReconciledDisputed what it lists as beyond
	// the bids.
	Unnotified         count `json:"reconciled_unnotified_nanos"`
	ReconciledDisputed count `json:"reconciled_disputed_nanos"`
	LostEvents         int   `json:"lost_events"`    // bills that were answered 200 and are not booked
	DoubleBooked       int   `json:"double_booked"`  // bookings without a bill that was told, and budgets that moved twice
	WronglyBooked      int   `json:"wrongly_booked"` // bills booked at another amount, or converted by none of the rates
	Converted          []int `json:"converted"`      // bookings by each rate of the other currency, in the order of rates
	Overrun            count `json:"overrun_nanos"`  // booked beyond what was left of a budget
	StatedBound        count `json:"stated_bound_nanos"`
	StatedBoundOf      parts `json:"stated_bound_of"` // what it is made of

	// BudgetUsed is the least that was used of any budget that the traffic
	// could use up; BudgetUsedOverall is that of all of them together.
	BudgetUsed        float64 `json:"budget_used"`
	BudgetUsedOverall float64 `json:"budget_used_overall"`
	// DailyBudgetUsed is the least that was used of any budget of the day that
	// ended, less what dead starts kept of it beyond the day.
	DailyBudgetUsed float64 `json:"daily_budget_used"`

	// RecoverySeconds is, by fault, the real time from its end until all that
	// it stopped flows again. For a killed worker it is since the kill.
	RecoverySeconds map[Fault]float64 `json:"recovery_seconds"`
	NotRecovered    []Fault           `json:"not_recovered"` // within half a minute
	UnexpectedExits map[string]int    `json:"unexpected_exits"`

	Budgets  []BudgetResult `json:"budgets"`
	Exchange loadtest.Books `json:"exchange"` // its books, whole

	problems []error
}

// BudgetResult is how one budget ended, in one period.
type BudgetResult struct {
	Node        int64  `json:"node"`
	Campaign    string `json:"campaign"`
	Currency    string `json:"currency"`
	LineItem    int64  `json:"line_item,omitempty"`
	Date        string `json:"date,omitempty"`
	Limit       count  `json:"budget_nanos"`
	Booked      count  `json:"booked_nanos"`
	Outstanding count  `json:"outstanding_nanos"`
	Overrun     count  `json:"overrun_nanos"`
	Bound       count  `json:"stated_bound_nanos"` // of the node, over all periods
	BoundOf     parts  `json:"stated_bound_of"`
	Kept        count  `json:"kept_by_dead_starts_nanos,omitempty"` // when the day ended, and not booked later
	Ended       bool   `json:"day_ended,omitempty"`
	Exhaustible bool   `json:"exhaustible"`
}

// enough is the least share that must be used of a budget that the traffic can
// use up.
const enough = .99

// enoughDaily is the same of a day's budget. It is paced to the last second,
// so what its last bids hold, and do not cost, comes back when the day is over.
const enoughDaily = .97

// compare holds the exchange's books against Tangent's.
func (r *Result) compare(books *loadtest.Books, a *audit) {
	r.Exchange = *books
	r.BilledNotified, r.BilledUnnotified = count(books.BilledNotifiedNanos), count(books.BilledUnnotifiedNanos)
	r.Booked, r.Disputed, r.Overcharged = count(a.amount), count(a.disputed), count(books.OverchargedNanos)
	told := make(map[string]bool, len(books.Sales))
	var example string
	for _, s := range books.Sales {
		if !s.Billed || !s.Notified {
			continue
		}
		told[s.Bid] = true
		switch amount, ok := a.bookings[s.Bid]; {
		case !ok:
			r.LostEvents++
			example = "lost " + s.Bid
		case amount != s.Price:
			r.WronglyBooked++
			example = "wrong " + s.Bid
		}
	}
	for bid := range a.bookings {
		if !told[bid] {
			r.DoubleBooked++
			example = "not told " + bid
		}
	}
	r.DoubleBooked += len(a.unbalanced)
	if r.WronglyBooked += len(a.misconverted); len(a.misconverted) > 0 {
		example = "misconverted " + a.misconverted[0]
	}
	for _, table := range slices.Sorted(maps.Keys(a.byTable)) {
		if table != 0 {
			r.Converted = append(r.Converted, a.byTable[table])
		}
	}
	r.problem(r.BilledNotified != r.Booked, "the books disagree: the exchange billed and notified %s, booked are %s",
		money.Nanos(r.BilledNotified), money.Nanos(r.Booked))
	r.problem(r.Disputed != r.Overcharged, "the books disagree: the exchange notified %s beyond the bids, disputed are %s",
		money.Nanos(r.Overcharged), money.Nanos(r.Disputed))
	r.problem(r.LostEvents+r.DoubleBooked+r.WronglyBooked > 0, "%d bills are lost, %d are booked that nobody told or twice, %d at another amount; %s %v",
		r.LostEvents, r.DoubleBooked, r.WronglyBooked, example, a.unbalanced)
	r.problem(books.Notices.Unanswered > 0, "%d notices were never answered", books.Notices.Unanswered)
	r.problem(len(books.Violations) > 0, "the exchange refused bids: %v", books.Violations)
	r.problem(r.Booked == 0, "nothing was booked")
}

// judgeBudgets takes in how the budgets ended.
func (r *Result) judgeBudgets(all []BudgetResult) {
	r.Budgets = all
	var limit, used float64
	r.BudgetUsed, r.DailyBudgetUsed = 1, 1
	nodes := map[int64]count{}
	for _, b := range all {
		r.Overrun += count(dollars(money.Nanos(b.Overrun), b.Currency))
		nodes[b.Node] += b.Overrun
		r.problem(nodes[b.Node] > b.Bound, "budget %d of %q: the overrun of %s is above the stated bound of %s", b.Node, b.Campaign,
			money.Nanos(nodes[b.Node]), money.Nanos(b.Bound))
		r.problem(b.Booked-b.Overrun > b.Limit, "budget %d of %q: %s are booked of %s", b.Node, b.Campaign, money.Nanos(b.Booked), money.Nanos(b.Limit))
		if !b.Exhaustible {
			continue
		}
		if b.Ended {
			share := min(1, float64(b.Booked)/float64(max(1, b.Limit-b.Kept)))
			r.DailyBudgetUsed = min(r.DailyBudgetUsed, share)
			r.problem(share < enoughDaily, "budget %d of %q: only %.2f %% of the day's %s was used, without %s that dead bidders kept", b.Node, b.Campaign,
				100*share, money.Nanos(b.Limit), money.Nanos(b.Kept))
			continue
		}
		limit += float64(dollars(money.Nanos(b.Limit), b.Currency))
		used += float64(dollars(money.Nanos(min(b.Booked, b.Limit)), b.Currency))
		share := min(1, float64(b.Booked)/float64(b.Limit))
		r.BudgetUsed = min(r.BudgetUsed, share)
		r.problem(share < enough, "budget %d of %q: only %.2f %% of %s was used", b.Node, b.Campaign, 100*share, money.Nanos(b.Limit))
	}
	if limit > 0 {
		r.BudgetUsedOverall = used / limit
	}
}

func (r *Result) problem(is bool, format string, args ...any) {
	if is {
		r.problems = append(r.problems, fmt.Errorf(format, args...))
	}
}

// Verdict says what is wrong with the books, or nil.
func (r *Result) Verdict() error { return errors.Join(r.problems...) }

// Print writes both books.
func (r *Result) Print(w io.Writer) {
	line := func(what, format string, args ...any) {
		fmt.Fprintf(w, "%-30s"+format+"\n", append([]any{what}, args...)...)
	}
	amount := func(c count) string { return "$" + money.Nanos(c).String() }
	line("requests, bids, wins", "%d, %d, %d", r.Exchange.Requests, r.Exchange.Bids, r.Exchange.Wins)
	line("exchange billed and notified", "%s", amount(r.BilledNotified))
	line("Tangent booked", "%s", amount(r.Booked))
	line("of it in euros, per rate", "%d bills", r.Converted)
	line("billed, never notified", "%s", amount(r.BilledUnnotified))
	line("found by reconciling", "%s never notified, %s disputed", amount(r.Unnotified), amount(r.ReconciledDisputed))
	line("disputed", "%s", amount(r.Disputed))
	line("lost, double, wrong", "%d, %d, %d", r.LostEvents, r.DoubleBooked, r.WronglyBooked)
	line("overrun", "%s (stated: at most %s)", amount(r.Overrun), amount(r.StatedBound))
	line("budgets used", "at least %.2f %% of each, %.2f %% of all", 100*r.BudgetUsed, 100*r.BudgetUsedOverall)
	line("of the day's, at midnight", "at least %.2f %%", 100*r.DailyBudgetUsed)
	line("notices", "%d sent, %d again on purpose, %d retried, %d never", r.Exchange.Notices.Sent, r.Exchange.Notices.Duplicated, r.Exchange.Notices.Retried, r.Exchange.Notices.Withheld)
	var faults []Fault
	for f := range r.RecoverySeconds {
		faults = append(faults, f)
	}
	slices.Sort(faults)
	for _, f := range faults {
		line("recovered from "+string(f), "%.2f s", r.RecoverySeconds[f])
	}
	for _, f := range r.NotRecovered {
		line("not recovered from", "%s", f)
	}
	for name, n := range r.UnexpectedExits {
		line("ended by itself", "%s, %d times", name, n)
	}
}
