package chaos

import (
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/money"
)

// books are those of an exchange that billed two imps and told of one.
func books() *loadtest.Books {
	b := &loadtest.Books{Sales: []loadtest.Sale{
		{Bid: "a", Price: 5, Billed: true, Notified: true},
		{Bid: "b", Price: 7, Billed: true},
		{Bid: "c", Price: 9},
	}}
	b.BilledNotifiedNanos, b.BilledUnnotifiedNanos = 5, 7
	return b
}

func TestVerdict(t *testing.T) {
	for name, c := range map[string]struct {
		bookings   map[string]money.Nanos
		unbalanced []string
		budget     BudgetResult
		want       string // in the verdict; empty if all is well
	}{
		"all is well":            {map[string]money.Nanos{"a": 5}, nil, BudgetResult{}, ""},
		"a bill is lost":         {map[string]money.Nanos{}, nil, BudgetResult{}, "1 bills are lost"},
		"booked at another":      {map[string]money.Nanos{"a": 4}, nil, BudgetResult{}, "the books disagree"},
		"two errors that cancel": {map[string]money.Nanos{"x": 5}, nil, BudgetResult{}, "1 bills are lost, 1 are booked that nobody told"},
		"booked though not told": {map[string]money.Nanos{"a": 5, "b": 7}, nil, BudgetResult{}, "1 are booked that nobody told"},
		"a budget moved twice":   {map[string]money.Nanos{"a": 5}, []string{"budget 1"}, BudgetResult{}, "booked that nobody told or twice"},
		"used enough":            {map[string]money.Nanos{"a": 5}, nil, BudgetResult{Limit: 1000, Booked: 990, Exhaustible: true}, ""},
		"used too little":        {map[string]money.Nanos{"a": 5}, nil, BudgetResult{Limit: 1000, Booked: 989, Exhaustible: true}, "only 98.90 %"},
		"used enough of a day":   {map[string]money.Nanos{"a": 5}, nil, BudgetResult{Limit: 1000, Booked: 873, Kept: 100, Ended: true, Exhaustible: true}, ""},
		"too little of a day":    {map[string]money.Nanos{"a": 5}, nil, BudgetResult{Limit: 1000, Booked: 872, Kept: 100, Ended: true, Exhaustible: true}, "only 96.89 %"},
		"nobody could use it up": {map[string]money.Nanos{"a": 5}, nil, BudgetResult{Limit: 1000, Booked: 10}, ""},
		"overrun within bound":   {map[string]money.Nanos{"a": 5}, nil, BudgetResult{Limit: 1000, Booked: 1005, Overrun: 5, Bound: 5}, ""},
		"overrun beyond bound":   {map[string]money.Nanos{"a": 5}, nil, BudgetResult{Limit: 1000, Booked: 1006, Overrun: 6, Bound: 5}, "above the stated bound"},
		"overspent unseen":       {map[string]money.Nanos{"a": 5}, nil, BudgetResult{Limit: 1000, Booked: 1006, Bound: 9}, "are booked of"},
	} {
		t.Run(name, func(t *testing.T) {
			a := &audit{bookings: c.bookings, unbalanced: c.unbalanced}
			for _, amount := range c.bookings {
				a.amount += amount
			}
			r := &Result{}
			r.compare(books(), a)
			r.judgeBudgets([]BudgetResult{c.budget})
			err := r.Verdict()
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("verdict %v; want %q in it", err, c.want)
			}
		})
	}
}

func TestUnansweredNoticesFail(t *testing.T) {
	b := books()
	b.Notices.Unanswered = 1
	r := &Result{}
	r.compare(b, &audit{bookings: map[string]money.Nanos{"a": 5}, amount: 5})
	if r.Verdict() == nil {
		t.Error("a notice was never answered, and that is well")
	}
}
