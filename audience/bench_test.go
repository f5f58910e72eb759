package audience

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

const (
	benchUsers    = 10_000
	benchInFlight = 64
)

// benchRoom returns an audience of users with 20 segments and 5 exposures.
func benchRoom(b *testing.B) (*room, []UserKey) {
	b.Helper()
	a := newRoom(b, cached(b), newRedis(b).Addr())
	ctx := context.Background()
	keys := make([]UserKey, benchUsers)
	for i := range keys {
		keys[i] = testKey(b, fmt.Sprint("user ", i))
	}
	for i := 0; i < benchUsers; i += 500 {
		var segments []segmentsWrite
		var exposures []ExposureWrite
		for _, key := range keys[i : i+500] {
			w := segmentsWrite{Key: key}
			for range 20 {
				w.Changes = append(w.Changes, membership{event.SegmentID(rand.Uint32N(5000) + 1), noon.Add(time.Hour)})
			}
			segments = append(segments, w)
			for range 5 {
				exposures = append(exposures, ExposureWrite{key, exposureAt(time.Hour, 7), rand.Uint64()})
			}
		}
		if _, err := a.writer.putSegments(ctx, segments); err != nil {
			b.Fatal(err)
		}
		if err := a.writer.AddExposures(ctx, exposures); err != nil {
			b.Fatal(err)
		}
	}
	return a, keys
}

// BenchmarkRead compares a read from a warm cache, one through the batcher and a
// plain MGET, all decoded into a profile, at 64 in flight. Time per operation is wall time;
// CPU of this process is cpu-ns/op.
func BenchmarkRead(b *testing.B) {
	a, keys := benchRoom(b)
	run := func(name string, read func(key UserKey, p *Profile) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(benchInFlight / runtime.GOMAXPROCS(0))
			var next atomic.Uint64
			cpu := processCPU(b)
			b.RunParallel(func(pb *testing.PB) {
				var p Profile
				for pb.Next() {
					key := keys[next.Add(1)*7919%benchUsers]
					if err := read(key, &p); err != nil || len(p.Exposures) != 5 {
						b.Errorf("%d exposures, %v", len(p.Exposures), err)
						return
					}
				}
			})
			b.ReportMetric(float64(processCPU(b)-cpu)/float64(b.N), "cpu-ns/op")
		})
	}
	run("cached", func(key UserKey, p *Profile) error {
		return a.reader.Read(time.Now().Add(time.Minute), AssertConsent(), []UserKey{key}, p)
	})
	run("missed", func(key UserKey, p *Profile) error {
		a.reader.cache.drop(&key)
		return a.reader.Read(time.Now().Add(time.Minute), AssertConsent(), []UserKey{key}, p)
	})
	a.reader.cache = nil
	run("batched", func(key UserKey, p *Profile) error {
		return a.reader.Read(time.Now().Add(time.Minute), AssertConsent(), []UserKey{key}, p)
	})
	plain := redis.NewClient(&redis.Options{Addr: a.reader.client.(*redis.Client).Options().Addr, PoolSize: benchInFlight, Protocol: 2, ReadTimeout: time.Minute})
	defer plain.Close()
	run("plain", func(key UserKey, p *Profile) error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		cmd := plain.MGet(ctx, string(appendSegmentsKey(nil, &key)), string(appendExposuresKey(nil, &key)))
		v, err := cmd.Result()
		if err != nil {
			return err
		}
		segments, _ := v[0].(string)
		exposures, _ := v[1].(string)
		_, err = p.load([]record{{segments: segments, exposures: exposures}}, a.clock.Now())
		return err
	})
}

// BenchmarkLoad is the decoding of one record alone.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{20, 200} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var changes []member
			var exposures []byte
			for i := range n {
				changes = append(changes, member{event.SegmentID(i*3 + 1), unixSeconds(noon) + 10})
				exposures = appendExposure(exposures, exposureAt(time.Hour, 1), rand.Uint64())
			}
			segments, _, err := mergeSegments(nil, "", changes, noon)
			if err != nil {
				b.Fatal(err)
			}
			s, x := string(segments), string(exposures)
			var p Profile
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.load([]record{{segments: s, exposures: x}}, noon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAsk(b *testing.B) {
	g, err := NewGate(GateConfig{VendorID: ourVendor})
	if err != nil {
		b.Fatal(err)
	}
	var vendors []int
	for id := 2; id <= 900; id += 2 {
		vendors = append(vendors, id)
	}
	states := national{sensitive: map[int]uint64{location: 2}}.consent()
	for name, c := range map[string]openrtb.Consent{
		"states":  states,
		"ranges":  {GDPR: 1, TCF: tcfString{purposes: []int{1, 2, 3, 4, 7}, vendors: vendors, ranges: true, disclosed: vendors}.bytes()},
		"outside": {USPrivacy: []byte("1YNN")},
		"tcf":     {GDPR: 1, TCF: tcfString{purposes: []int{1, 3, 4}, vendors: vendors}.bytes()},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, ok, why := g.Ask(&c, [3]byte{}); !ok {
					b.Fatal(why)
				}
			}
		})
	}
}

func BenchmarkKey(b *testing.B) {
	k, p, id := newKeyer(b), AssertConsent(), []byte("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := k.KeyOf(p, "ifa", id, 0); !ok {
			b.Fatal("no key")
		}
	}
}

// BenchmarkImport is per row, of users with four rows each.
func BenchmarkImport(b *testing.B) {
	a := newRoom(b, nil, newRedis(b).Addr())
	r, w := io.Pipe()
	go func() {
		buf := make([]byte, 0, 64<<10)
		for n := range b.N {
			buf = fmt.Appendf(buf, "user-%d,%d,30d\n", n/4, n%1000+1)
			if len(buf) > 60<<10 || n == b.N-1 {
				_, _ = w.Write(buf)
				buf = buf[:0]
			}
		}
		w.Close()
	}()
	b.ReportAllocs()
	b.ResetTimer()
	report, err := Import(context.Background(), r, a.writer, ImportOptions{Keyer: newKeyer(b), Permit: AssertConsent()})
	if err != nil || report.Rows != int64(b.N) {
		b.Fatalf("%+v, %v", report, err)
	}
}
