package bidder

import (
	"net/netip"
	"time"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/geo"
)

// afterAudience is the share of the time left that is kept back from the
// audience's deadline for what comes after it: one part in so many.
const afterAudience = 8

// meet reads what is known of the user, if there is a permit to. Its answer is
// all that a request waits for.
func (a *auction) meet() {
	q := &a.query
	permit, ok, _ := a.b.Gate.Ask(&a.req.Consent, a.place.Country)
	precise := permit.Allows(audience.PreciseLocation)
	if !precise {
		a.place.Coarsen(geo.CoarseDegrees)
	}
	for i, address := range a.req.ClientIPs() {
		if q.Addresses[i] = geo.NetworkOf(address); precise && address.IsValid() {
			q.Addresses[i] = netip.PrefixFrom(address, address.BitLen())
		}
	}
	person := audience.PersonOf(permit, a.req, a.now) // of nobody without the permit
	q.Age, q.Gender, q.UserKeywords, q.UserData = person.Age, person.Gender, person.Keywords, person.Data
	m := a.b.metrics.of(a.ex)
	if !ok || !a.b.Keyer.Find(permit, a.req, a.ex.ID, &a.ids) {
		m.nobody.Inc()
		return
	}
	a.dropScratch()
	err := a.b.Audience.Read(a.deadline.Add(-time.Until(a.deadline)/afterAudience), permit, a.ids.Keys(), &a.profile)
	a.takeScratch()
	chosen := a.profile.Chosen
	if err == nil || err == audience.ErrCorrupt {
		a.kept, a.keeps = permit.Keep(a.ids.Keys()[chosen])
	} else { // the user opted out, or nobody knows whether
		q.Age, q.Gender, q.UserKeywords, q.UserData = 0, 0, nil, nil
	}
	m.met[a.ids.Source(chosen)][metOf(err, a.profile.Stored)].Inc()
	if err == nil {
		q.UserKnown = a.profile.Known
		q.NoSegments = !permit.Allows(audience.SelectAds)
		q.NoExposures = !permit.Allows(audience.CapFrequency)
		q.Segments, q.Since = a.profile.Segments, a.profile.Since
		q.Exposures = a.profile.Exposures
	}
	a.lap(stageAudience)
}

// met is what became of a request's user ids: a metric label.
type met uint8

const (
	metKnown met = iota // something is stored
	metNew              // nothing is
	metOptedOut
	metUnread // nobody knows: no answer in time, or no leave to read
	metCount
)

var metNames = [metCount]string{"known", "new", "opted_out", "unread"}

func metOf(err error, stored bool) met {
	switch {
	case err == audience.ErrOptedOut:
		return metOptedOut
	case err != nil:
		return metUnread
	case stored:
		return metKnown
	}
	return metNew
}
