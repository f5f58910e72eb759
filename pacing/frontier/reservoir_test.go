package frontier

import (
	"math"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// However much comes, a reservoir holds so many samples, they stand for all of
// it, and what is older than a day is gone.
func TestReservoirIsBoundedEvenAndForgets(t *testing.T) {
	r := NewSampler(0).Of(1)
	h := uint32(1)
	now := midnight
	meet := func(n int, value float64, step time.Duration) {
		for range n {
			now = now.Add(step)
			h = h*1664525 + 1013904223
			if hash := h ^ h>>16; r.Meet(hash, value, now) {
				r.Keep(Sample{At: uint32(now.Unix()), Hash: hash, Value: float32(value)})
			}
		}
	}
	meet(200_000, 1, time.Millisecond)
	meet(200_000, 2, time.Millisecond)
	rec, news := r.Record(now, nil)
	sum, twos := 0.0, 0.0
	for _, s := range rec.Samples {
		w := math.Exp2(float64(s.Level))
		if sum += w; s.Value == 2 {
			twos += w
		}
	}
	if len(rec.Samples) < mostSamples/4 || len(rec.Samples) > mostSamples || !news {
		t.Errorf("%d samples, news %v", len(rec.Samples), news)
	}
	if math.Abs(sum/400_000-1) > 0.2 || math.Abs(twos/sum-0.5) > 0.12 {
		t.Errorf("they stand for %.0f of 400,000, %.2f of them late", sum, twos/sum)
	}
	met, worth := int64(0), int64(0)
	for _, x := range rec.Hours {
		met, worth = met+x.Met, worth+x.Worth
	}
	if met != 400_000 || worth != 600_000 {
		t.Errorf("%d met, worth %d", met, worth)
	}
	if _, news := r.Record(now, nil); news {
		t.Error("the same is news again")
	}
	if rec, _ := r.Record(now.Add(25*time.Hour), nil); len(rec.Samples) != 0 || len(rec.Hours) != 0 {
		t.Errorf("a day later: %d samples, %+v", len(rec.Samples), rec.Hours)
	}
}

// The memory of all line items together is bounded, and each has some.
func TestSamplerSharesItsRoom(t *testing.T) {
	s := NewSampler(1000)
	total := 0
	for id := range event.LineItemID(100) {
		r := s.Of(id + 1)
		for i := range uint32(2000) {
			at := midnight.Add(time.Duration(i) * time.Second)
			if hash := i * 2654435761; r.Meet(hash>>5, 1, at) {
				r.Keep(Sample{At: uint32(at.Unix()), Hash: hash >> 5})
			}
		}
		rec, _ := r.Record(midnight.Add(time.Hour), nil)
		if len(rec.Samples) == 0 {
			t.Fatalf("line item %d has no sample", id)
		}
		total += len(rec.Samples)
	}
	if total > 1000+100*leastSamples {
		t.Errorf("%d samples", total)
	}
}

// An opportunity that is not sampled allocates nothing.
func TestMeetingAllocatesNothing(t *testing.T) {
	s := NewSampler(0)
	s.Of(7).Meet(1, 1, midnight)
	if n := testing.AllocsPerRun(1000, func() { s.Of(7).Meet(1, 1, midnight) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkMeet(b *testing.B) {
	s := NewSampler(0)
	for id := range event.LineItemID(10_000) {
		s.Of(id)
	}
	i := uint32(1)
	for b.Loop() {
		i += 2
		s.Of(event.LineItemID(i%10_000)).Meet(i|1, 4e6, midnight)
	}
}
