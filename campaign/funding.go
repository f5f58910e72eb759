package campaign

import (
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// FundingKind says what backs an advertiser's spending.
type FundingKind string

// The kinds.
const (
	Unfunded FundingKind = ""        // nothing but its campaigns' budgets limits it
	Prepaid  FundingKind = "prepaid" // it spends what it paid in
	Credit   FundingKind = "credit"  // it spends what it paid in, and a credit line
)

// Funding is the root of an advertiser's budgets: what all its campaigns may
// spend together, ever. What is paid in is in the ledger's entries, not here.
type Funding struct {
	Kind       FundingKind  `json:"kind,omitempty"`
	CreditLine money.Nanos  `json:"credit_line,omitzero"` // of Credit alone
	Node       event.NodeID `json:"-"`                    // assigned by the store
}

// FundingOf returns the funding whose node the store keeps with that credit
// line; of no node, none.
func FundingOf(node event.NodeID, line money.Nanos) Funding {
	switch {
	case node == 0:
		return Funding{}
	case line == 0:
		return Funding{Kind: Prepaid, Node: node}
	}
	return Funding{Kind: Credit, CreditLine: line, Node: node}
}

func (c check) funding(f Funding) {
	switch f.Kind {
	case Unfunded, Prepaid:
		c.want(f.CreditLine == 0, "credit_line", "must be left out: it is for credit alone")
	case Credit:
		c.want(f.CreditLine > 0 && f.CreditLine <= money.Cap, "credit_line", "must be a decimal string above 0, at most %v", money.Cap)
	default:
		c.want(false, "kind", "must be prepaid or credit")
	}
}
