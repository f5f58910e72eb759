package app

import (
	"context"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// loadingGC is GOGC while the catalog is read for the first time.
const loadingGC = 25

const (
	usualGC   = 100       // percent: a heap may double before it is collected
	largeGC   = 50        // percent, and the most of however large a heap
	mostRoom  = 100 << 20 // bytes of garbage, where the heap is small
	leastRoom = 48 << 20  // and where it is large
	heapAim   = 288 << 20 // bytes that a heap stays below with all garbage, as far as the room goes

	// gcShare is how much of the cores collecting may take before there is more
	// room than that.
	gcShare = .08
	// marking is how many bytes that have pointers in them a core looks through in
	// a second: measured with 100,000 line items, 175 MB in 220 ms of two cores.
	marking = 400 << 20

	gcInterval = time.Second
	gcMemory   = 8      // intervals over which garbage is counted
	gcStep     = 1. / 8 // GOGC is set anew where it is off by so much of it: that stops the world
)

// collecting follows how the heap stands, and says GOGC for who does not set it.
type collecting struct {
	percent int // GOGC; 0: not yet
	made    uint64
	garbage float64 // bytes a second, of late
}

// heap is the heap, in bytes: what lived at the last collection, what of it has
// pointers and is looked through, and all that was ever made.
type heap struct{ live, scanned, made uint64 }

// look takes in how the heap stands, some seconds after the last time, and says
// whether GOGC is to be another.
func (c *collecting) look(h heap, seconds float64, cores int) bool {
	if c.made > 0 && seconds > 0 {
		c.garbage += (float64(h.made-c.made)/seconds - c.garbage) / gcMemory
	}
	c.made = h.made
	want := gogc(h, c.garbage, cores)
	if math.Abs(float64(want-c.percent)) <= gcStep*float64(c.percent) {
		return false
	}
	c.percent = want
	return true
}

// gogc returns GOGC while so much garbage is made a second. A catalog is large,
// lives, and is no garbage: room in proportion to it would double what is
// resident. So there is less of it as the heap comes near to heapAim. What a
// collection costs goes by what there is to look through, and how many there are
// by the room between two: where that would be more than gcShare of the cores,
// there is more room, and the proportion is the most.
func gogc(h heap, garbage float64, cores int) int {
	if h.live == 0 {
		return usualGC
	}
	live := float64(h.live)
	room := min(max(heapAim-live, leastRoom), mostRoom)
	collection := float64(h.scanned) / marking // seconds of a core
	room = max(room, garbage*collection/(gcShare*float64(cores)))
	most := min(max(100*mostRoom/live, largeGC), usualGC)
	return int(min(math.Ceil(100*room/live), most))
}

// readHeap returns how the heap stands.
func readHeap() heap {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/heap:bytes"}, {Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return heap{s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64()}
}

// ownGC says that who runs this says nothing of GOGC, so that it is ours.
func ownGC() bool { return os.Getenv("GOGC") == "" }

// startGC sets GOGC after the start, from what it was before.
func (a *App) startGC(usual int) {
	if ownGC() {
		a.gc.look(readHeap(), 0, runtime.GOMAXPROCS(0))
		usual = a.gc.percent
	}
	debug.SetGCPercent(usual)
}

// watchGC sets GOGC as the heap grows and traffic comes and goes, until ctx ends.
func (a *App) watchGC(ctx context.Context) {
	if !ownGC() {
		return
	}
	tick := time.NewTicker(gcInterval)
	defer tick.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		if a.gc.look(readHeap(), now.Sub(last).Seconds(), runtime.GOMAXPROCS(0)) {
			debug.SetGCPercent(a.gc.percent)
		}
		last = now
	}
}
