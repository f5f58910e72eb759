package geo

import (
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

// maxZones bounds the time zones of a database: the world has some 420, and
// some 600 names for them.
const maxZones = 1024

// zonesOf returns the time zones that a database names. They are looked for
// when it is read, since to load one reads a file, which no request may wait
// for. What is no zone of the IANA's is left out.
func zonesOf(r *maxminddb.Reader) map[string]*time.Location {
	zones, seen := map[string]*time.Location{}, map[uintptr]struct{}{}
	for found := range r.Networks() {
		if _, again := seen[found.Offset()]; again {
			continue
		}
		seen[found.Offset()] = struct{}{}
		var name string
		if found.DecodePath(&name, "location", "time_zone") != nil || name == "" || name == "Local" {
			continue
		}
		if _, known := zones[name]; known || len(zones) == maxZones {
			continue
		}
		loc, err := time.LoadLocation(name)
		if err != nil {
			loc = nil // not to be looked for again
		}
		zones[name] = loc
	}
	return zones
}
