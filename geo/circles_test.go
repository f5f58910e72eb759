package geo

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		name                   string
		lat1, lon1, lat2, lon2 float64
		want                   float64
	}{
		{"none", 12, 34, 12, 34, 0},
		{"a degree of latitude", 0, 0, 1, 0, 111_195},
		{"a degree of longitude in the north", 60, 10, 60, 11, 55_597},
		{"Berlin to Hamburg", 52.520, 13.405, 53.551, 9.993, 255_300},
		{"over the date line", 0, 179.5, 0, -179.5, 111_195},
		{"to the other side", 0, 0, 0, 180, math.Pi * earthRadius},
	} {
		if got := Distance(c.lat1, c.lon1, c.lat2, c.lon2); math.Abs(got-c.want) > 0.001*c.want+0.001 {
			t.Errorf("%s: %.0f m, want %.0f", c.name, got, c.want)
		}
	}
}

// Boxes and sorting make it faster; they must not change what is found.
func TestCirclesContainWhatIsNearEnough(t *testing.T) {
	lat := rapid.OneOf(rapid.Float64Range(-90, 90), rapid.SampledFrom([]float64{-90, 90, 0, 89.99}))
	lon := rapid.OneOf(rapid.Float64Range(-180, 180), rapid.SampledFrom([]float64{-180, 180, 0, 179.99}))
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Circle {
			return Circle{lat.Draw(t, "lat"), lon.Draw(t, "lon"), rapid.OneOf(rapid.Float64Range(1, 50_000), rapid.Float64Range(1, 20e6)).Draw(t, "metres")}
		}), 1, 20).Draw(t, "circles")
		set, err := NewCircles(list)
		if err != nil {
			t.Fatal(err)
		}
		pLat, pLon := lat.Draw(t, "point's lat"), lon.Draw(t, "point's lon")
		accuracy := rapid.SampledFrom([]float64{0, 0, 100, 7_900, 1e6}).Draw(t, "accuracy")
		in, may, edge := false, false, false
		for _, c := range list {
			d := Distance(c.Lat, c.Lon, pLat, pLon)
			in = in || d <= c.Metres && accuracy <= c.Metres
			may = may || d <= c.Metres+accuracy
			edge = edge || math.Abs(d-c.Metres) < 0.1 || math.Abs(d-c.Metres-accuracy) < 0.1 // within rounding
		}
		if got := set.Contains(pLat, pLon, accuracy); got != in && !edge {
			t.Fatalf("contains %v, want %v", got, in)
		}
		if got := set.MayContain(pLat, pLon, accuracy); got != may && !edge {
			t.Fatalf("may contain %v, want %v", got, may)
		}
	})
}

func TestCirclesThatAreNone(t *testing.T) {
	for _, c := range []Circle{{91, 0, 1}, {0, -181, 1}, {0, 0, 0}, {0, 0, -1}, {0, 0, 3e7}, {math.NaN(), 0, 1}, {0, 0, math.NaN()}} {
		if _, err := NewCircles([]Circle{c}); err == nil {
			t.Errorf("%v is taken", c)
		}
	}
}
