package geo

import "bytes"

// ZipArea returns the part of a postal code that stands for an area of
// thousands of people. In many countries a whole code is one street, one side
// of it or one house, which is as precise as coordinates: a code is left whole
// only where it is known not to be. Elsewhere, and where the country is not
// known, three letters or digits are left: a thousand areas in a country that
// numbers them.
func ZipArea(country [3]byte, zip []byte) []byte {
	zip = bytes.TrimSpace(zip)
	most := 3
	switch string(country[:]) {
	case "GBR", "GGY", "IMN", "JEY": // the outward code: all but the last three, which may have a blank in front
		if most = 4; len(zip) >= 5 {
			zip = zip[:len(zip)-3]
		}
	case "CHN", "IND", "RUS":
		most = 6
	case "BRA", "CZE", "DEU", "ESP", "FIN", "FRA", "GRC", "HRV", "IDN", "ITA", "MEX", "MYS", "PRI", "SVK", "THA", "TUR", "UKR", "USA":
		most = 5
	case "AUS", "AUT", "BEL", "CHE", "HUN", "NLD", "NZL", "PHL", "PRT", "SVN", "ZAF":
		most = 4
	case "ARG": // four digits, which may have the province's letter in front
		if most = 4; len(zip) > 0 && upper(zip[0])-'A' < 26 {
			most = 5
		}
	case "SGP": // of six digits, which are a building
		most = 2
	}
	for i, c := range zip {
		if c <= ' ' || c == '-' {
			continue
		}
		if most == 0 {
			zip = zip[:i]
			break
		}
		most--
	}
	return bytes.TrimRight(zip, " -")
}
