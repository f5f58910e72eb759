package audience

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

func exposureAt(ago time.Duration, lineItem event.LineItemID) campaign.Exposure {
	return campaign.Exposure{At: noon.Add(-ago), LineItem: lineItem, Campaign: event.CampaignID(lineItem) + 1000}
}

// Whatever is appended in whatever order and as often, reading gives each
// impression once, the latest ones, and none that is too old; and compacting
// changes nothing of that.
func TestExposuresLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type imp struct {
			e    campaign.Exposure
			hash uint64
		}
		imps := map[uint64]imp{}
		var order []uint64
		var value []byte
		for range rapid.IntRange(0, 60).Draw(t, "appends") {
			hash := rapid.Uint64Range(0, 40).Draw(t, "imp") * 0x1_0000_0001
			if hash == 0 {
				hash = 77
			}
			x, ok := imps[hash]
			if !ok {
				ago := time.Duration(rapid.IntRange(0, 40*24).Draw(t, "hours ago")) * time.Hour
				x = imp{exposureAt(ago, event.LineItemID(hash)), hash}
				imps[hash] = x
			}
			order = append(order, hash)
			value = appendExposure(value, x.e, x.hash)
		}
		var want []campaign.Exposure
		taken := map[uint64]bool{}
		for _, hash := range slices.Backward(order) {
			if x := imps[hash]; !taken[hash] && !x.e.At.Before(noon.Add(-Retention)) {
				want = append(want, x.e)
				taken[hash] = true
			}
		}
		var seen hashSet
		got, err := readExposures(nil, &seen, string(value), noon)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		compacted, err := compactExposures(nil, &seen, string(value), noon)
		if err != nil {
			t.Fatal(err)
		}
		again, err := readExposures(nil, &seen, string(compacted), noon)
		if err != nil || !slices.Equal(again, want) {
			t.Fatalf("after compacting %v, %v; want %v", again, err, want)
		}
	})
}

func TestExposuresAreBounded(t *testing.T) {
	var value []byte
	for n := range 3 * MaxExposures {
		value = appendExposure(value, exposureAt(0, event.LineItemID(n)), rand.Uint64())
	}
	var seen hashSet
	got, err := readExposures(nil, &seen, string(value), noon)
	if err != nil || len(got) != MaxExposures {
		t.Fatalf("read %d, %v; want %d", len(got), err, MaxExposures)
	}
	if got[0].LineItem != 3*MaxExposures-1 {
		t.Error("the latest exposure is missing")
	}
	compacted, err := compactExposures(nil, &seen, string(value), noon)
	if err != nil || len(compacted) != MaxExposures*exposureSize {
		t.Errorf("compacted to %d bytes, %v; want %d", len(compacted), err, MaxExposures*exposureSize)
	}
}

func TestProfileReadsUnknownWhenDamaged(t *testing.T) {
	segments, _, err := mergeSegments(nil, "", []member{{3, unixSeconds(noon) + 10}}, noon)
	if err != nil {
		t.Fatal(err)
	}
	exposures := appendExposure(nil, exposureAt(time.Hour, 1), 1)
	damagedVersion := "\x09" + string(exposures[1:])
	tests := []struct {
		name                string
		segments, exposures string
		known               bool
		part                recordPart
	}{
		{"whole", string(segments), string(exposures), true, 0},
		{"nothing stored", "", "", true, 0},
		{"segments cut", string(segments[:5]), string(exposures), false, partSegments},
		{"segments of another version", "\x02", string(exposures), false, partSegments},
		{"exposures cut", string(segments), string(exposures[:31]), false, partExposures},
		{"exposures of another version", string(segments), damagedVersion, false, partExposures},
		{"exposures beyond all bounds", "", strings.Repeat(string(exposures), maxExposureBytes/exposureSize+1), false, partExposures},
	}
	p := Profile{Known: true, Segments: []event.SegmentID{1}, Exposures: make([]campaign.Exposure, 1)}
	for _, tt := range tests {
		part, err := p.load(tt.segments, tt.exposures, noon)
		if p.Known != tt.known || (err == nil) != tt.known || part != tt.part {
			t.Errorf("%s: known %v, part %d, %v", tt.name, p.Known, part, err)
		}
		if !tt.known && len(p.Segments)+len(p.Exposures) != 0 {
			t.Errorf("%s: a profile that is not known has content", tt.name)
		}
	}
}

func TestProfileLoadAllocatesNothing(t *testing.T) {
	var segments, exposures []byte
	var changes []member
	for id := range 100 {
		changes = append(changes, member{event.SegmentID(3*id + 1), unixSeconds(noon) + 10})
		exposures = appendExposure(exposures, exposureAt(time.Hour, 1), rand.Uint64())
	}
	segments, _, _ = mergeSegments(nil, "", changes, noon)
	s, x := string(segments), string(exposures)
	var p Profile
	if n := testing.AllocsPerRun(100, func() {
		if _, err := p.load(s, x, noon); err != nil || len(p.Segments) != 100 || len(p.Exposures) != 100 {
			t.Fatalf("read %d segments and %d exposures, %v", len(p.Segments), len(p.Exposures), err)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func FuzzReadExposures(f *testing.F) {
	f.Add(string(appendExposure(appendExposure(nil, exposureAt(0, 1), 5), exposureAt(time.Hour, 2), 5)))
	f.Add("")
	f.Add(strings.Repeat("\x01", 96))
	f.Add("\x01")
	f.Fuzz(func(t *testing.T, value string) {
		var p Profile
		if _, err := p.load("", value, noon); err != nil {
			return
		}
		if len(p.Exposures) > MaxExposures || len(p.Exposures) > len(value)/exposureSize {
			t.Fatalf("%d exposures out of %d bytes", len(p.Exposures), len(value))
		}
		for _, e := range p.Exposures {
			if e.At.Before(noon.Add(-Retention)) {
				t.Fatal("an exposure beyond the retention was read")
			}
		}
		compacted, err := compactExposures(nil, &p.seen, value, noon)
		if err != nil || len(compacted) != exposureSize*len(p.Exposures) {
			t.Fatalf("compacted to %d bytes of %d exposures, %v", len(compacted), len(p.Exposures), err)
		}
	})
}
