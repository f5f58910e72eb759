package audience

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
)

// Whatever is merged in whatever steps, reading agrees with a map.
func TestSegmentsLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := noon
		model := map[event.SegmentID]uint32{}
		var value []byte
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "passed")) * time.Second)
			changes := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) member {
				return member{
					event.SegmentID(rapid.Uint32Range(1, 20).Draw(t, "segment")),
					unixSeconds(now.Add(time.Duration(rapid.IntRange(-20, 100).Draw(t, "lasts")) * time.Second)),
				}
			}), 0, 12).Draw(t, "changes")
			for _, c := range changes {
				model[c.segment] = c.expiry
			}
			merged, latest, err := mergeSegments(nil, string(value), slices.Clone(changes), now)
			if err != nil {
				t.Fatal(err)
			}
			value = merged

			var want []event.SegmentID
			var wantLatest uint32
			for id, expiry := range model {
				if expiry > unixSeconds(now) {
					want = append(want, id)
					wantLatest = max(wantLatest, expiry)
				}
			}
			slices.Sort(want)
			got, _, err := readSegments(nil, nil, string(value), now)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) || latest != wantLatest {
				t.Fatalf("got %v until %d, want %v until %d", got, latest, want, wantLatest)
			}
			if len(want) == 0 && len(value) != 0 {
				t.Fatal("a user without segments has a value")
			}
		}
	})
}

func TestSegmentCountsUntilItsExpiry(t *testing.T) {
	value, _, err := mergeSegments(nil, "", []member{{9, unixSeconds(noon) + 10}}, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {9999 * time.Millisecond, 1}, {10 * time.Second, 0}, {time.Hour, 0}} {
		got, _, err := readSegments(nil, nil, string(value), noon.Add(tt.after))
		if err != nil || len(got) != tt.want {
			t.Errorf("after %v: %d segments, %v; want %d", tt.after, len(got), err, tt.want)
		}
	}
}

func TestTooManySegments(t *testing.T) {
	var changes []member
	for id := range MaxSegments {
		changes = append(changes, member{event.SegmentID(id + 1), unixSeconds(noon) + 10})
	}
	value, _, err := mergeSegments(nil, "", changes, noon)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = mergeSegments(nil, string(value), []member{{MaxSegments + 1, unixSeconds(noon) + 10}}, noon)
	if !errors.Is(err, errTooMany) {
		t.Errorf("one more: %v, want errTooMany", err)
	}
	_, _, err = mergeSegments(nil, string(value), []member{{5, 0}, {MaxSegments + 1, unixSeconds(noon) + 10}}, noon)
	if err != nil {
		t.Errorf("one for another: %v", err)
	}
}

func FuzzReadSegments(f *testing.F) {
	good, _, _ := mergeSegments(nil, "", []member{{1, 2_000_000_000}, {70000, 2_000_000_000}}, noon)
	f.Add(string(good), uint32(5))
	f.Add("", uint32(1))
	f.Add("\x01", uint32(1))
	f.Add("\x02aaaa\xff\xff\xff\xffbbbb", uint32(1))
	f.Add("\x03aaaaaaaa", uint32(1))
	f.Add("\x01bbbb\xff\xff\xff\xffaaaa\xff\xff\xff\xff", uint32(1))
	f.Fuzz(func(t *testing.T, value string, id uint32) {
		before := []event.SegmentID{99}
		got, _, err := readSegments(before, nil, value, noon)
		if err != nil {
			if len(got) != 1 {
				t.Fatal("a value that cannot be read left segments behind")
			}
			return
		}
		got = got[1:]
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Fatalf("segments are not strictly ascending: %v", got)
		}
		// What can be read can be merged into, and stays.
		if len(got) >= MaxSegments {
			return
		}
		merged, _, err := mergeSegments(nil, value, []member{{event.SegmentID(id), unixSeconds(noon) + 1}}, noon)
		if err != nil {
			t.Fatal(err)
		}
		after, _, err := readSegments(nil, nil, string(merged), noon)
		if err != nil {
			t.Fatal(err)
		}
		if at, found := slices.BinarySearch(got, event.SegmentID(id)); !found {
			got = slices.Insert(got, at, event.SegmentID(id))
		}
		if !slices.Equal(after, got) {
			t.Fatalf("merging %d gave %v, want %v", id, after, got)
		}
	})
}

// A value of the version before is read, its entries of unknown age, and what
// is put in now is known from now on.
func TestSegmentsOfTheVersionBefore(t *testing.T) {
	old := "\x01" + "\x05\x00\x00\x00\xff\xff\xff\xff" + "\x09\x00\x00\x00\xff\xff\xff\xff"
	value, _, err := mergeSegments(nil, old, []member{{7, 4_000_000_000}, {9, 4_000_000_000}}, noon)
	if err != nil {
		t.Fatal(err)
	}
	for stored, want := range map[string][]uint32{old: {0, 0}, string(value): {0, unixSeconds(noon), unixSeconds(noon)}} {
		got, since, err := readSegments(nil, nil, stored, noon.Add(time.Hour))
		if err != nil || len(got) != len(want) || !slices.Equal(since, want) {
			t.Errorf("%v since %v, %v; want since %v", got, since, err, want)
		}
	}
}
