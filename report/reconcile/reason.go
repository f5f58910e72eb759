package reconcile

import "fmt"

// Reason is why the report and the ledger differ.
type Reason uint8

// The reasons, in the order in which they are listed.
const (
	Unnotified Reason = iota // billed, and no notice told us
	Disputed                 // a notice said more than the bid; booked was the bid
	Late                     // billed and booked, but on another day
	Expired                  // the notice came too late to be booked
	Unpriced                 // the notice had no price; booked was the bid, billed was less
	Unbilled                 // booked, and the report has less
	Rounding                 // not more than the report's amounts are rounded by
	reasons
)

var reasonNames = [reasons]string{"unnotified", "disputed", "late", "expired", "unpriced", "unbilled", "rounding"}

// Reasons returns every reason.
func Reasons() []Reason {
	return []Reason{Unnotified, Disputed, Late, Expired, Unpriced, Unbilled, Rounding}
}

// String returns the reason as reports and corrections spell it.
func (r Reason) String() string { return reasonNames[r] }

// MarshalText makes reasons cross JSON by name.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// ParseReason reads the text of String.
func ParseReason(s string) (Reason, error) {
	for r, name := range reasonNames {
		if s == name {
			return Reason(r), nil
		}
	}
	return 0, fmt.Errorf("there is no reason %.40q; there are: %s", s, fmt.Sprint(Reasons()))
}
