package reconcile

import (
	"context"
	"fmt"
	"slices"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// Corrections returns the entries that would make the ledger agree with the
// report, of some reasons; none stands for all. Lines that are unknown or
// duplicates are never among them.
func (r *Result) Corrections(by string, only ...Reason) []ledger.Correction {
	var all []ledger.Correction
	for i := range r.Differences {
		d := &r.Differences[i]
		if len(only) > 0 && !slices.Contains(only, d.Reason) {
			continue
		}
		all = append(all, ledger.Correction{
			Kind:   ledger.Reconciled,
			Reason: correctionReason(d.Reason, d.from, d.to),
			// The file, its line, and the state of the ledger's corrections
			// that it was compared with: the same comparison books once, and
			// the same file can be compared again when the ledger has changed.
			Reference: fmt.Sprintf("%.39s:%d@%d", r.File, d.Line, r.last),
			Exchange:  r.ExchangeID,
			Account:   ledger.Account{Advertiser: d.Advertiser, Campaign: d.Campaign, LineItem: d.LineItem},
			Day:       event.Period(d.Day),
			At:        at(event.Period(d.Day), 12, r.zone),
			Currency:  r.Currency,
			Amount:    d.Amount, Impressions: d.Impressions,
			Redated: d.Reason == Late,
			By:      by,
		})
	}
	return all
}

// Book books corrections that a comparison found, all or none.
func Book(ctx context.Context, l *ledger.Ledger, r *Result, by string, only ...Reason) (ledger.Corrected, error) {
	return l.CorrectAll(ctx, r.ExchangeID, r.last, r.Corrections(by, only...))
}
