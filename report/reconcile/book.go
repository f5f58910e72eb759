package reconcile

import (
	"context"
	"fmt"
	"slices"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// Corrections returns the entries that would make the ledger agree with the
// report, of some reasons; none stands for all. Lines that are unknown,
// duplicates, or of no line item are never among them.
func (r *Result) Corrections(by string, only ...Reason) []ledger.Correction {
	var all []ledger.Correction
	for i := range r.Differences {
		d := &r.Differences[i]
		if len(only) > 0 && !slices.Contains(only, d.Reason) || d.Campaign == 0 {
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

// StrangersError says that a report has bids that are none of ours: then its
// other lines may be missing bids of ours under another name, and nothing says
// that what is not in it was not billed.
type StrangersError struct{ Lines int }

// Error says what to do.
func (e *StrangersError) Error() string {
	return fmt.Sprintf("cannot book what is unbilled: the report has %s of bid ids that are none of ours, and no line item with them; "+
		"check the column of the bid ids, or book other reasons alone", Count(e.Lines, "line"))
}

// Check refuses to book what a report without our bid ids would take away: it
// returns a [*StrangersError].
func (r *Result) Check(only ...Reason) error {
	unbilled := len(only) == 0 || slices.Contains(only, Unbilled)
	if r.strangers > 0 && unbilled && r.Reasons[Unbilled].Count > 0 {
		return &StrangersError{r.strangers}
	}
	return nil
}

// Book books corrections that a comparison found, all or none.
func Book(ctx context.Context, l *ledger.Ledger, r *Result, by string, only ...Reason) (ledger.Corrected, error) {
	if err := r.Check(only...); err != nil {
		return ledger.Corrected{}, err
	}
	return l.CorrectAll(ctx, r.ExchangeID, r.last, r.Corrections(by, only...))
}
