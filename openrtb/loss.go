package openrtb

// LossReason is the exchange's word on why a bid lost: list "Loss Reason
// Codes". Codes from 500 on are the exchange's own.
type LossReason int32

// LossInfo describes a loss reason.
type LossInfo struct {
	Name string // metric label and docs, snake case
	Doc  string // one sentence for operators
}

// ParseLossMacro reads what an exchange put in place of ${AUCTION_LOSS}. It
// returns false when that is no code.
func ParseLossMacro(text []byte) (LossReason, bool) { return 0, false }
