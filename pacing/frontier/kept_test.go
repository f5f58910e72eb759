package frontier

import (
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/landscape"
)

// What is kept of samples is the samples, whatever kinds there are and whichever
// of them go.
func TestSamplesAreKeptAsTheyAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s samples
		var want []Sample
		number := rapid.Float32Range(0, 1e9)
		few := rapid.Float32Range(0, 3) // of these there are kinds that several samples share
		for i := range rapid.IntRange(0, 100).Draw(t, "samples") {
			x := Sample{
				At: uint32(i), Hash: rapid.Uint32().Draw(t, "hash"), Level: uint8(i % 32), Mechanism: landscape.Mechanism(1 + i%3), Shade: i%2 > 0,
				Context: landscape.Key(rapid.Uint64().Draw(t, "context")), Value: number.Draw(t, "value"), Outcomes: number.Draw(t, "outcomes"),
				Floor: number.Draw(t, "floor"), Rival: number.Draw(t, "rival"), Multiplier: number.Draw(t, "multiplier"),
				Quantity: float32(int(few.Draw(t, "quantity"))), Rate: float32(i / 10), Fixed: float32(int(few.Draw(t, "fixed"))), Slope: 1.1,
			}
			s.add(&x)
			want = append(want, x)
			if i%7 == 0 {
				odd := rapid.Uint32Range(0, 1).Draw(t, "who goes")
				s.drop(func(k *kept) bool { return k.hash&1 == odd })
				left := want[:0]
				for _, x := range want {
					if x.Hash&1 == odd {
						left = append(left, x)
					}
				}
				want = left
			}
		}
		if len(s.all) != len(want) {
			t.Fatalf("%d samples, want %d", len(s.all), len(want))
		}
		for i := range want {
			if got := s.at(i); got != want[i] {
				t.Fatalf("sample %d is %+v, want %+v", i, got, want[i])
			}
		}
	})
}

// Exchange rates change for as long as a bidder runs: kinds that no sample is of
// any more take no room.
func TestKindsOfSamplesThatAreGoneAreForgotten(t *testing.T) {
	var s samples
	for i := range 10_000 {
		s.add(&Sample{At: uint32(i), Rate: float32(i)})
		s.drop(func(k *kept) bool { return k.at+16 > uint32(i) })
	}
	if n := cap(s.kinds); n > 64 {
		t.Errorf("room for %d kinds of %d samples", n, len(s.all))
	}
}

// There are a million samples, and a reservoir for each line item that met
// something: what they take is known, and grows with what came.
func TestReservoirsAreSmall(t *testing.T) {
	if n := unsafe.Sizeof(kept{}); n > 40 {
		t.Errorf("a sample takes %d bytes", n)
	}
	if n := unsafe.Sizeof(Reservoir{}); n > 160 {
		t.Errorf("a reservoir takes %d bytes", n)
	}
	r := NewSampler(0).Of(1)
	for h := range 3 * Span { // the odd hours
		now := midnight.Add(time.Duration(2*h+1) * time.Hour)
		r.Meet(1, 1, now)
		r.Billed(1, 1, now)
	}
	if len(r.hours) > Span/2+1 || len(r.bills) > Span/2+1 {
		t.Errorf("%d hours with opportunities are kept and %d with bills, of %d in a day", len(r.hours), len(r.bills), Span/2)
	}
}
