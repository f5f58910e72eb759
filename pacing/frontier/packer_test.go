package frontier_test

import (
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/pacing/frontier"
)

// A packer that wrote others before writes the same as a new one.
func TestPackerKeepsNothingOfTheRecordBefore(t *testing.T) {
	at := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	record := func(samples int, value float32) *frontier.Record {
		r := &frontier.Record{At: at, Since: at.Add(-time.Hour), Terms: frontier.Terms{Worth: 5, MaxBid: 100}, Hours: []frontier.Hour{{Hour: 7, Met: int64(samples)}}}
		for i := range samples {
			r.Samples = append(r.Samples, frontier.Sample{At: uint32(at.Unix()) - uint32(i), Value: value + float32(i), Floor: 3, Quantity: 1, Multiplier: .5})
			r.Prices = append(r.Prices, landscape.Prices{})
		}
		return r
	}
	var again frontier.Packer
	for _, r := range []*frontier.Record{record(300, 1), record(2, 9), record(0, 0), record(512, 4), record(16, 2)} {
		want, err := new(frontier.Packer).Pack(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := again.Pack(r)
		if err != nil || got != want {
			t.Fatalf("%d samples: %q and %v, want %q", len(r.Samples), got, err, want)
		}
		read, err := frontier.Unpack(1, got)
		if err != nil || len(read.Samples) != len(r.Samples) || len(r.Samples) > 0 && read.Samples[len(r.Samples)-1] != r.Samples[len(r.Samples)-1] {
			t.Fatalf("%d samples: read %v, %v", len(r.Samples), read, err)
		}
	}
}

// BenchmarkPack is a full record.
func BenchmarkPack(b *testing.B) {
	r := &frontier.Record{Samples: make([]frontier.Sample, 512), Prices: make([]landscape.Prices, 512)}
	for i := range r.Samples {
		r.Samples[i] = frontier.Sample{At: uint32(i), Value: float32(i) * 1.7, Floor: float32(i % 7), Quantity: 1}
	}
	var p frontier.Packer
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Pack(r); err != nil {
			b.Fatal(err)
		}
	}
}
