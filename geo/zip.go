package geo

import "bytes"

// ZipArea returns the part of a postal code that stands for an area of
// thousands of people. In some countries a whole code is one street, one side
// of it or one house, which is as precise as coordinates.
func ZipArea(country [3]byte, zip []byte) []byte {
	zip = bytes.TrimSpace(zip)
	most := len(zip)
	switch string(country[:]) {
	case "GBR": // the outward code: all but the last three, which may have a blank in front
		if len(zip) >= 5 {
			return bytes.TrimSpace(zip[:len(zip)-3])
		}
	case "USA", "BRA":
		most = 5
	case "NLD", "PRT":
		most = 4
	case "CAN", "IRL":
		most = 3
	case "SGP":
		most = 2
	}
	return zip[:min(len(zip), most)]
}
