package tcf

// Purposes is a set of purposes, 1 to 24.
type Purposes uint32

// The purposes that this product asks about, by their names in the policy's
// appendix A.
const (
	StoreAndAccess    = 1 // store and/or access information on a device
	BasicAds          = 2 // use limited data to select advertising
	CreateAdsProfile  = 3 // create profiles for personalised advertising
	PersonalisedAds   = 4 // use profiles to select personalised advertising
	MeasureAds        = 7 // measure advertising performance
	maxPurpose        = 24
	PreciseLocation   = 1 // special feature: use precise geolocation data
	maxSpecialFeature = 12
)

// Of returns the set of some purposes; those that cannot be are left out.
func Of(purposes ...int) (p Purposes) {
	for _, n := range purposes {
		if n >= 1 && n <= maxPurpose {
			p |= 1 << (maxPurpose - n)
		}
	}
	return p
}

// Has says whether a purpose is in the set.
func (p Purposes) Has(n int) bool { return p&Of(n) != 0 }

// Features is a set of special features, 1 to 12.
type Features uint16

// Has says whether a special feature is in the set.
func (f Features) Has(n int) bool {
	return n >= 1 && n <= maxSpecialFeature && f&(1<<(maxSpecialFeature-n)) != 0
}
