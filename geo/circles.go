package geo

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// earthRadius is the mean one, in metres (IUGG).
const earthRadius = 6_371_008.8

// metresPerDegree is the length of a degree of latitude.
const metresPerDegree = earthRadius * math.Pi / 180

// MaxCircles bounds the circles of one set.
const MaxCircles = 10_000

// Circle is all points within Metres of a point.
type Circle struct {
	Lat, Lon float64 // degrees
	Metres   float64
}

// Circles is an immutable set of circles.
type Circles struct {
	all     []circle // in the order of their southern edges
	tallest float64  // the most that an edge in the north is from the one in the south
}

// circle holds the box around the circle, in degrees: most points are outside
// of it, and need no trigonometry to be known to be.
type circle struct {
	south, north, halfWidth float64 // halfWidth in degrees of longitude, 180 around a pole
	lat, lon, cosLat        float64 // lat in radians
	chord                   float64 // haversine of the radius
	metres                  float64 // the radius
}

// NewCircles compiles circles. A circle must be on Earth, and its radius above
// zero and at most 20,000 km.
func NewCircles(list []Circle) (*Circles, error) {
	if len(list) > MaxCircles {
		return nil, fmt.Errorf("cannot use %d circles: allowed are %d", len(list), MaxCircles)
	}
	c := &Circles{all: make([]circle, 0, len(list))}
	for _, x := range list {
		if !(x.Lat >= -90 && x.Lat <= 90 && x.Lon >= -180 && x.Lon <= 180) {
			return nil, errors.New("cannot use a circle: its latitude must be within -90 and 90, its longitude within -180 and 180")
		}
		if !(x.Metres > 0 && x.Metres <= 20e6) {
			return nil, errors.New("cannot use a circle: its radius must be above 0 m and at most 20,000 km")
		}
		c.all = append(c.all, compile(x))
		c.tallest = max(c.tallest, 2*(x.Metres/metresPerDegree+2e-9))
	}
	slices.SortFunc(c.all, func(a, b circle) int { return cmp.Compare(a.south, b.south) })
	return c, nil
}

func compile(x Circle) circle {
	angle := x.Metres / earthRadius
	lat := x.Lat * math.Pi / 180
	// The box is a little wider than the circle, so that rounding never makes
	// it refuse what the circle has.
	reach := angle*180/math.Pi + 1e-9
	halfWidth := 180.0
	if math.Abs(x.Lat)+reach < 90 {
		halfWidth = math.Asin(math.Sin(angle)/math.Cos(lat))*180/math.Pi + 1e-9
	}
	half := math.Sin(angle / 2)
	return circle{
		south: x.Lat - reach, north: x.Lat + reach, halfWidth: halfWidth,
		lat: lat, lon: x.Lon, cosLat: math.Cos(lat), chord: half * half, metres: x.Metres,
	}
}

// Contains says whether a point, in degrees, is in one of the circles whose
// radius is at least accuracy, in metres: of a point that may be farther from
// where somebody is than the circle is wide, nobody can say that it is inside.
// It looks only at those whose southern edge is near enough.
func (c *Circles) Contains(lat, lon, accuracy float64) bool {
	first, high := 0, len(c.all)
	for first < high {
		if mid := (first + high) / 2; c.all[mid].south < lat-c.tallest {
			first = mid + 1
		} else {
			high = mid
		}
	}
	var cos float64
	for i := first; i < len(c.all) && c.all[i].south <= lat; i++ {
		x := &c.all[i]
		if lat > x.north || x.metres < accuracy || math.Abs(math.Remainder(lon-x.lon, 360)) > x.halfWidth {
			continue
		}
		if cos == 0 {
			cos = math.Cos(lat * math.Pi / 180)
		}
		if haversine(lat*math.Pi/180-x.lat, (lon-x.lon)*math.Pi/180, cos*x.cosLat) <= x.chord {
			return true
		}
	}
	return false
}

// MayContain says whether somebody who is within accuracy metres of a point
// may be in one of the circles.
func (c *Circles) MayContain(lat, lon, accuracy float64) bool {
	reach := accuracy/metresPerDegree + 1e-9
	first, high := 0, len(c.all)
	for first < high {
		if mid := (first + high) / 2; c.all[mid].south < lat-reach-c.tallest {
			first = mid + 1
		} else {
			high = mid
		}
	}
	for i := first; i < len(c.all) && c.all[i].south <= lat+reach; i++ {
		x := &c.all[i]
		if lat-reach <= x.north && Distance(lat, lon, x.lat*180/math.Pi, x.lon) <= x.metres+accuracy {
			return true
		}
	}
	return false
}

// Len is how many circles there are.
func (c *Circles) Len() int { return len(c.all) }

// Distance is the way over ground between two points, in metres, on a round
// Earth: wrong by up to 0.6 %, less than places are.
func Distance(lat1, lon1, lat2, lon2 float64) float64 {
	const rad = math.Pi / 180
	h := haversine((lat2-lat1)*rad, (lon2-lon1)*rad, math.Cos(lat1*rad)*math.Cos(lat2*rad))
	return 2 * earthRadius * math.Asin(math.Sqrt(min(h, 1)))
}

// haversine is that of the angle between two points; their differences are in
// radians, coses is the product of the cosines of their latitudes.
func haversine(dLat, dLon, coses float64) float64 {
	a, b := math.Sin(dLat/2), math.Sin(dLon/2)
	return a*a + coses*b*b
}
