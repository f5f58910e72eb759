package reconcile

import (
	"cmp"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Day is a billing day. In JSON it is 2006-01-02.
type Day event.Period

// String returns the day as 2006-01-02.
func (d Day) String() string { return event.Period(d).Date() }

// MarshalText makes days cross JSON as 2006-01-02.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Result is what a comparison found. In JSON, amounts are decimal strings of
// currency units.
type Result struct {
	Exchange    string            `json:"exchange"`
	ExchangeID  event.ExchangeID  `json:"exchange_id"`
	Currency    string            `json:"currency"`
	Zone        string            `json:"zone"`
	File        string            `json:"file"` // its fingerprint: sha256:...
	Level       Level             `json:"level"`
	From        Day               `json:"from"`
	To          Day               `json:"to"`
	Days        int               `json:"days"` // that were compared
	Lines       int               `json:"lines"`
	Impressions event.Impressions `json:"impressions"` // of the report; 0 if it does not say
	Bookings    int64             `json:"bookings"`

	Billed     money.Nanos `json:"billed"`     // all of the report
	Duplicates Findings    `json:"duplicates"` // of Billed: lines that are there twice
	Unknown    Findings    `json:"unknown"`    // of Billed: for what we do not know
	// Unattributed is of Billed, and of Difference: bids of ours that no notice
	// told of, in a report that has no line item for them. No budget can be
	// corrected for them.
	Unattributed Findings    `json:"unattributed"`
	Booked       money.Nanos `json:"booked"`    // by notices
	Corrected    money.Nanos `json:"corrected"` // by earlier reconciliations
	Credits      money.Nanos `json:"credits"`   // of these days, and not compared: they are on other invoices
	// Difference is Billed - Duplicates - Unknown - Booked - Corrected.
	Difference money.Nanos `json:"difference"`

	Reasons     map[Reason]Sum `json:"reasons"` // what Differences add up to
	Differences []Difference   `json:"differences"`

	zone *time.Location
	// strangers are lines of bids that are none of ours, and of no line item.
	strangers int
	last      int64 // the last correction that was compared
}

// Sum is how many, and how much.
type Sum struct {
	Count  int         `json:"count"`
	Amount money.Nanos `json:"amount"`
}

// Difference is one reason why a day of a line item is not the same. What the
// reasons of a day and line item add up to, is by how much the report is above
// the ledger.
type Difference struct {
	Day        Day                `json:"day"`
	Advertiser event.AdvertiserID `json:"advertiser_id"`
	Campaign   event.CampaignID   `json:"campaign_id"`            // 0: of a bid that is in Unattributed
	LineItem   event.LineItemID   `json:"line_item_id,omitempty"` // none: the campaign as a whole
	Reason     Reason             `json:"reason"`
	Amount     money.Nanos        `json:"amount"`
	// Impressions are those that Amount is for: 0 where it changes the price of
	// impressions alone, or the report does not say how many there were.
	Impressions event.Impressions `json:"impressions"`
	OtherDay    *Day              `json:"other_day,omitempty"` // of a late one: where the same amount is missing or too much
	Line        int               `json:"line,omitempty"`      // the first of this day and line item
	Billed      money.Nanos       `json:"billed"`
	Booked      money.Nanos       `json:"booked"`
	Corrected   money.Nanos       `json:"corrected"`

	from, to event.Period
}

// Findings are lines that nothing is compared with.
type Findings struct {
	Sum
	Lines []Finding `json:"lines"` // the first thousand
}

// Finding is one such line.
type Finding struct {
	Line   int         `json:"line"`
	Day    Day         `json:"day"`
	ID     string      `json:"id"`
	Amount money.Nanos `json:"amount"`
	Why    string      `json:"why"`
}

func (f *Findings) add(l *Line, why string) {
	f.Count++
	f.Amount += l.Amount
	if len(f.Lines) < maxFindings {
		f.Lines = append(f.Lines, Finding{l.Number, Day(l.Day), l.ID, l.Amount, why})
	}
}

// Differs says whether there is anything that the report and the ledger do
// not agree on, beyond the tolerance.
func (r *Result) Differs() bool {
	return len(r.Differences) > 0 || r.Duplicates.Count > 0 || r.Unknown.Count > 0
}

// list adds the reasons of a group to the result.
func (b *books) list(k key, g *group, why *reasonSums) {
	for r, t := range why {
		if t.amount != 0 && Reason(r) != Late {
			b.result.Differences = append(b.result.Differences, b.difference(k, g, Reason(r), t))
		}
	}
}

// listMove adds the two sides of what was booked on another day.
func (b *books) listMove(m move, t tally) {
	if t.amount == 0 {
		return
	}
	for _, side := range []struct {
		day, other event.Period
		tally
	}{{m.to, m.from, t}, {m.from, m.to, t.opposite()}} {
		k := key{side.day, m.campaign, m.lineItem}
		g := b.groups[k]
		if g == nil {
			g = new(group) // of a day that the report does not cover
		}
		if other := b.groups[k.with(side.other)]; g.Campaign == 0 && other != nil {
			g.Account = other.Account
		}
		d := b.difference(k, g, Late, side.tally)
		other := Day(side.other)
		d.OtherDay, d.from, d.to = &other, m.from, m.to
		b.result.Differences = append(b.result.Differences, d)
	}
}

// difference says no impressions where they would go another way than the money:
// then they are not what it is for.
func (b *books) difference(k key, g *group, r Reason, t tally) Difference {
	if (t.impressions < 0) != (t.amount < 0) {
		t.impressions = 0
	}
	return Difference{Day: Day(k.day), Advertiser: g.Advertiser, Campaign: k.campaign, LineItem: k.lineItem,
		Reason: r, Amount: t.amount, Impressions: t.impressions, Line: g.line, Billed: g.billed, Booked: g.booked, Corrected: g.corrected.sum().amount}
}

// finish orders and adds up what was found.
func (r *Result) finish() {
	slices.SortFunc(r.Differences, func(x, y Difference) int {
		return cmp.Or(cmp.Compare(x.Day, y.Day), cmp.Compare(x.Campaign, y.Campaign), cmp.Compare(x.LineItem, y.LineItem),
			cmp.Compare(x.Reason, y.Reason), cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to))
	})
	r.Reasons = make(map[Reason]Sum)
	for i := range r.Differences {
		d := &r.Differences[i]
		s := r.Reasons[d.Reason]
		s.Count++
		s.Amount += d.Amount
		r.Reasons[d.Reason] = s
	}
	// Lists are lists in JSON, also those without entries.
	r.Differences = append([]Difference{}, r.Differences...)
	r.Duplicates.Lines = append([]Finding{}, r.Duplicates.Lines...)
	r.Unknown.Lines = append([]Finding{}, r.Unknown.Lines...)
	r.Unattributed.Lines = append([]Finding{}, r.Unattributed.Lines...)
}
