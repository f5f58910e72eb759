package audience

import "fmt"

// Use is one thing that a user's data may be wanted for. docs/privacy.md says
// what each privacy signal must say for each of them.
type Use uint8

// The uses. Their order is part of what a kept key looks like; see [KeptKey].
const (
	// SelectAds uses the segments, age, gender and keywords of the user to choose and to price an ad.
	SelectAds Use = iota
	// BuildProfile writes segments from what the user is seen to do.
	BuildProfile
	// CapFrequency keeps and reads which impressions the user saw.
	CapFrequency
	// Measure ties a view, a click or a conversion to the user.
	Measure
	// PreciseLocation uses coordinates finer than a city.
	PreciseLocation
	useCount
)

// Uses returns every use, in their order.
func Uses() []Use { return []Use{SelectAds, BuildProfile, CapFrequency, Measure, PreciseLocation} }

// String returns the use's name: a metric label, which does not change.
func (u Use) String() string {
	switch u {
	case SelectAds:
		return "select_ads"
	case BuildProfile:
		return "build_profile"
	case CapFrequency:
		return "cap_frequency"
	case Measure:
		return "measure"
	case PreciseLocation:
		return "precise_location"
	}
	return fmt.Sprintf("use %d", uint8(u))
}

// uses is a set of uses.
type uses uint8

// ofUser are the uses that need to know who the user is. A place can be used
// without.
const (
	allUses uses = 1<<useCount - 1
	ofUser  uses = 1<<SelectAds | 1<<BuildProfile | 1<<CapFrequency | 1<<Measure
)

func (s uses) has(u Use) bool { return u < useCount && s&(1<<u) != 0 }
