package audience

import (
	"encoding/binary"
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
	return campaign.Exposure{At: noon.Add(-ago), LineItem: lineItem, Campaign: event.CampaignID(lineItem) + 1000, Advertiser: 3}
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
				x = imp{exposureAt(3*ago, event.LineItemID(hash)), hash}
				x.e.Kind = rapid.SampledFrom([]campaign.TouchKind{"", campaign.TouchClick, campaign.TouchConversion}).Draw(t, "kind")
				if x.e.Kind == "" && rapid.Bool().Draw(t, "written by an older version") {
					x.e.Advertiser = 0
				}
				imps[hash] = x
			}
			order = append(order, hash)
			if x.e.Advertiser == 0 {
				value = appendOld(value, x.e, x.hash)
			} else {
				value = appendExposure(value, x.e, x.hash)
			}
		}
		var want []campaign.Exposure
		taken := map[uint64]bool{}
		for _, hash := range slices.Backward(order) {
			if x := imps[hash]; !taken[hash] && !x.e.At.Before(noon.Add(-retention(x.e.Kind))) {
				want = append(want, x.e)
				taken[hash] = true
			}
		}
		var list exposureList
		got, err := readExposures(nil, &list, string(value), noon)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		compacted, keep, err := compactExposures(nil, &list, string(value), noon)
		if err != nil {
			t.Fatal(err)
		}
		if acted := slices.ContainsFunc(want, func(e campaign.Exposure) bool { return e.Kind != "" }); acted != (keep == ActionRetention) {
			t.Fatalf("is kept for %v", keep)
		}
		again, err := readExposures(nil, &list, string(compacted), noon)
		if err != nil || !slices.Equal(again, want) {
			t.Fatalf("after compacting %v, %v; want %v", again, err, want)
		}
	})
}

// appendOld appends a record as the first version wrote it.
func appendOld(dst []byte, e campaign.Exposure, hash uint64) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, uint64(e.At.UnixMilli())<<8|recordOld)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(e.LineItem))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(e.Campaign))
	return binary.LittleEndian.AppendUint64(dst, hash)
}

// Given a user who bought, and then saw very much, when the list is read and
// compacted, then the latest of each kind are there: the purchase too.
func TestExposuresAreBoundedByKind(t *testing.T) {
	var value []byte
	for _, kind := range []campaign.TouchKind{campaign.TouchConversion, campaign.TouchClick, ""} {
		for n := range 3 * MaxExposures {
			e := exposureAt(0, event.LineItemID(n))
			e.Kind = kind
			value = appendExposure(value, e, rand.Uint64())
		}
	}
	var list exposureList
	got, err := readExposures(nil, &list, string(value), noon)
	if err != nil || len(got) != MaxExposures {
		t.Fatalf("read %d, %v; want %d", len(got), err, MaxExposures)
	}
	count := map[campaign.TouchKind]int{}
	for _, e := range got {
		if count[e.Kind]++; count[e.Kind] == 1 && e.LineItem != 3*MaxExposures-1 {
			t.Errorf("the latest of kind %q is missing", e.Kind)
		}
	}
	if count[""] != MaxImpressions || count[campaign.TouchClick] != MaxClicks || count[campaign.TouchConversion] != MaxConversions {
		t.Errorf("read %v", count)
	}
	compacted, keep, err := compactExposures(nil, &list, string(value), noon)
	if err != nil || len(compacted) != MaxExposures*exposureSize || keep != ActionRetention {
		t.Errorf("compacted to %d bytes for %v, %v; want %d", len(compacted), keep, err, MaxExposures*exposureSize)
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
		{"segments of another version", "\x03", string(exposures), false, partSegments},
		{"exposures cut", string(segments), string(exposures[:exposureSize-1]), false, partExposures},
		{"exposures of another version", string(segments), damagedVersion, false, partExposures},
		{"exposures beyond all bounds", "", strings.Repeat(string(exposures), maxExposureBytes/exposureSize+1), false, partExposures},
	}
	p := Profile{Known: true, Segments: []event.SegmentID{1}, Exposures: make([]campaign.Exposure, 1)}
	for _, tt := range tests {
		part, err := p.load([]record{{segments: tt.segments, exposures: tt.exposures}}, noon)
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
		if _, err := p.load([]record{{segments: s, exposures: x}}, noon); err != nil || len(p.Segments) != 100 || len(p.Exposures) != 100 {
			t.Fatalf("read %d segments and %d exposures, %v", len(p.Segments), len(p.Exposures), err)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func FuzzReadExposures(f *testing.F) {
	f.Add(string(appendExposure(appendExposure(nil, exposureAt(0, 1), 5), exposureAt(time.Hour, 2), 5)))
	f.Add("")
	f.Add(string(appendExposure(appendOld(nil, exposureAt(0, 1), 5), campaign.Exposure{At: noon, Kind: campaign.TouchConversion}, 6)))
	f.Add(strings.Repeat("\x01", 96))
	f.Add("\x01")
	f.Fuzz(func(t *testing.T, value string) {
		var p Profile
		if _, err := p.load([]record{{segments: "", exposures: value}}, noon); err != nil {
			return
		}
		if len(p.Exposures) > MaxExposures || len(p.Exposures) > len(value)/oldSize {
			t.Fatalf("%d exposures out of %d bytes", len(p.Exposures), len(value))
		}
		for _, e := range p.Exposures {
			if e.At.Before(noon.Add(-retention(e.Kind))) {
				t.Fatal("an exposure beyond the retention was read")
			}
		}
		compacted, _, err := compactExposures(nil, &p.list, value, noon)
		if err != nil || len(compacted) > len(value) {
			t.Fatalf("compacted to %d bytes of %d, %v", len(compacted), len(value), err)
		}
		read := slices.Clone(p.Exposures)
		if _, err := p.load([]record{{segments: "", exposures: string(compacted)}}, noon); err != nil || !slices.Equal(p.Exposures, read) {
			t.Fatalf("reads %v after compacting %v, %v", p.Exposures, read, err)
		}
	})
}
