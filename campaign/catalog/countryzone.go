package catalog

import (
	"strings"
	"sync"
	"time"
)

// oneZone lists countries all of whose clocks show the same, as nearly all of
// their people see it, and the IANA zone they keep. Where a country has
// several, its code says nothing of the hour.
const oneZone = `AUT Europe/Vienna BEL Europe/Brussels BGR Europe/Sofia CHE Europe/Zurich CZE Europe/Prague DEU Europe/Berlin
DNK Europe/Copenhagen EST Europe/Tallinn FIN Europe/Helsinki FRA Europe/Paris GBR Europe/London GRC Europe/Athens
HRV Europe/Zagreb HUN Europe/Budapest IRL Europe/Dublin ISL Atlantic/Reykjavik ITA Europe/Rome LTU Europe/Vilnius
LUX Europe/Luxembourg LVA Europe/Riga MLT Europe/Malta NLD Europe/Amsterdam NOR Europe/Oslo POL Europe/Warsaw
ROU Europe/Bucharest SRB Europe/Belgrade SVK Europe/Bratislava SVN Europe/Ljubljana SWE Europe/Stockholm TUR Europe/Istanbul
UKR Europe/Kyiv CYP Asia/Nicosia ARG America/Argentina/Buenos_Aires COL America/Bogota PER America/Lima URY America/Montevideo
BOL America/La_Paz PRY America/Asuncion VEN America/Caracas CRI America/Costa_Rica GTM America/Guatemala
DOM America/Santo_Domingo PAN America/Panama EGY Africa/Cairo KEN Africa/Nairobi MAR Africa/Casablanca NGA Africa/Lagos
TUN Africa/Tunis DZA Africa/Algiers ZAF Africa/Johannesburg GHA Africa/Accra ETH Africa/Addis_Ababa TZA Africa/Dar_es_Salaam
ARE Asia/Dubai BGD Asia/Dhaka CHN Asia/Shanghai HKG Asia/Hong_Kong IND Asia/Kolkata IRN Asia/Tehran IRQ Asia/Baghdad
ISR Asia/Jerusalem JOR Asia/Amman JPN Asia/Tokyo KOR Asia/Seoul KWT Asia/Kuwait LBN Asia/Beirut LKA Asia/Colombo
MYS Asia/Kuala_Lumpur NPL Asia/Kathmandu OMN Asia/Muscat PAK Asia/Karachi PHL Asia/Manila QAT Asia/Qatar SAU Asia/Riyadh
SGP Asia/Singapore THA Asia/Bangkok TWN Asia/Taipei VNM Asia/Ho_Chi_Minh`

// countryZones reads the zones once, when the first line item asks for them:
// that is when a catalog is built, not in a request.
var countryZones = sync.OnceValue(func() map[[3]byte]*zone {
	fields := strings.Fields(oneZone)
	all := make(map[[3]byte]*zone, len(fields)/2)
	for i := 0; i+1 < len(fields); i += 2 {
		if loc, err := time.LoadLocation(fields[i+1]); err == nil {
			all[[3]byte([]byte(fields[i]))] = &zone{loc: loc}
		}
	}
	return all
})

// zoneOf returns the zone of a country that has one, or nil.
func zoneOf(country [3]byte) *zone { return countryZones()[country] }
