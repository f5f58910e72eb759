package campaign

import (
	"math/big"
	"math/bits"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// FeeRule says what an advertiser pays beyond the media cost, from a moment
// on, until the next rule. Rules are added and never changed: a bid costs what
// the rule in effect when it left says, whenever it is billed.
type FeeRule struct {
	ID            int64              `json:"id"`
	AdvertiserID  event.AdvertiserID `json:"advertiser_id"`
	EffectiveFrom LocalTime          `json:"effective_from"` // on a clock of the advertiser's time zone
	MarkupPPM     int64              `json:"markup_ppm"`     // of the media cost, in millionths
	DataCPM       money.Nanos        `json:"data_cpm"`       // per thousand impressions
	TechCPM       money.Nanos        `json:"tech_cpm"`       // per thousand impressions
	Start         time.Time          `json:"-"`              // EffectiveFrom as an instant, set by the store
}

// What a rule may say at most. Ten times the media cost is no limit that a
// contract meets; a slip of the keyboard does.
const (
	MaxMarkupPPM = 10_000_000
	MaxFeeCPM    = 1000 * money.Unit

	// FeeNotice is how long ahead a rule is made, at least: every bidder has
	// it before it begins, so that what is held is what is booked.
	FeeNotice = time.Minute
)

// Validate returns what is wrong with the rule by itself, as Problems.
func (f *FeeRule) Validate() error {
	var p Problems
	for _, r := range []struct {
		bad            bool
		field, message string
	}{
		{f.EffectiveFrom.IsZero(), "effective_from", "is required"},
		{f.MarkupPPM < 0 || f.MarkupPPM > MaxMarkupPPM, "markup_ppm", "must be 0 to 10000000"},
		{f.DataCPM < 0 || f.DataCPM > MaxFeeCPM, "data_cpm", "must be 0 to 1000"},
		{f.TechCPM < 0 || f.TechCPM > MaxFeeCPM, "tech_cpm", "must be 0 to 1000"},
	} {
		if r.bad {
			p = append(p, Problem{Field: r.field, Message: r.message})
		}
	}
	if p == nil {
		return nil
	}
	return p
}

// Cost returns what the advertiser pays for a showing of that media cost, which
// counts for so many impressions: exact, rounded once, half a nano up, at most
// [money.Cap]. The fees per impression are due for one that cost nothing too.
func (f *FeeRule) Cost(media money.Nanos, sold event.Impressions) money.Nanos {
	const whole = 1_000_000_000 // a millionth of a thousandth
	hi, lo := bits.Mul64(uint64(max(0, media)), uint64(1_000_000+f.MarkupPPM)*1000)
	feesHi, fees := bits.Mul64(uint64(f.DataCPM+f.TechCPM), uint64(max(0, sold)))
	lo, carry := bits.Add64(lo, fees, 0)
	hi += feesHi + carry
	lo, carry = bits.Add64(lo, whole/2, 0)
	hi += carry
	if hi >= whole {
		return money.Cap
	}
	cost, _ := bits.Div64(hi, lo, whole)
	return money.Nanos(min(cost, uint64(money.Cap)))
}

// FeeRules are those of one advertiser, in the order of Start.
type FeeRules []FeeRule

// With returns the rules with one more, in their order. The receiver stays as
// it is. A rule that is there already is not added again.
func (f FeeRules) With(r FeeRule) FeeRules {
	i, there := slices.BinarySearchFunc(f, r, func(a, b FeeRule) int { return a.Start.Compare(b.Start) })
	if there {
		return f
	}
	return slices.Insert(slices.Clone(f), i, r)
}

// Cost returns what a showing costs whose bid left at a time: its media cost, if
// no rule is in effect.
func (f FeeRules) Cost(media money.Nanos, sold event.Impressions, issued time.Time) money.Nanos {
	for i := len(f) - 1; i >= 0; i-- {
		if !f[i].Start.After(issued) {
			return f[i].Cost(media, sold)
		}
	}
	return media
}

// CostOfSum returns what so many impressions cost together, by the rule of a
// time: exact, rounded once, half a nano away from zero, within [money.Cap].
// Both may be below zero, for what comes back: then the cost is that of their
// opposites, below zero.
func (f FeeRules) CostOfSum(media money.Nanos, impressions event.Impressions, at time.Time) money.Nanos {
	for i := len(f) - 1; i >= 0; i-- {
		if !f[i].Start.After(at) {
			return f[i].costOfSum(media, impressions)
		}
	}
	return media
}

func (f *FeeRule) costOfSum(media money.Nanos, impressions event.Impressions) money.Nanos {
	const whole = 1_000_000_000 // a millionth of a thousandth, as in Cost
	sum := big.NewInt(int64(media))
	sum.Mul(sum, big.NewInt((1_000_000+f.MarkupPPM)*1000))
	fees := big.NewInt(int64(f.DataCPM + f.TechCPM))
	fees.Mul(fees, big.NewInt(int64(impressions)))
	sum.Add(sum, fees)
	half := big.NewInt(int64(sum.Sign()) * whole / 2)
	sum.Add(sum, half).Quo(sum, big.NewInt(whole))
	if !sum.IsInt64() {
		return money.Nanos(sum.Sign()) * money.Cap
	}
	return min(max(money.Nanos(sum.Int64()), -money.Cap), money.Cap)
}

// Most returns the most that an impression of a media cost can cost, whichever
// rule is in effect.
func (f FeeRules) Most(media money.Nanos) money.Nanos {
	most := media
	for i := range f {
		most = max(most, f[i].Cost(media, event.OneImpression))
	}
	return most
}
