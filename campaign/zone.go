package campaign

import (
	"fmt"
	"time"

	// Zones are known where the system has no zone files, as in a container.
	_ "time/tzdata"
)

// Location returns the advertiser's time zone. It reads files: for writes and
// catalog builds, not for bids.
func (a *Advertiser) Location() (*time.Location, error) { return location(a.TimeZone) }

// location reads an IANA zone. "" and "Local" are zones to package time, but
// mean another one on every machine.
func location(name string) (*time.Location, error) {
	if name != "" && name != "Local" && len(name) <= 64 {
		if loc, err := time.LoadLocation(name); err == nil {
			return loc, nil
		}
	}
	return nil, fmt.Errorf("cannot find time zone %.64q: want an IANA name such as Europe/Berlin", name)
}
