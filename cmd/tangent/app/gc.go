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
	gcShare = .015

	gcInterval = time.Second
	gcMemory   = 8      // intervals over which garbage is counted
	gcStep     = 1. / 8 // GOGC is set anew where it is off by so much of it: that stops the world
)

// collecting follows how the heap stands, and says GOGC for who does not set it.
type collecting struct {
	percent int // GOGC; 0: not yet
	last    heap
	garbage float64 // bytes a second, of late
	cost    float64 // seconds of a core that a collection takes, of late
}

// heap is the heap, in bytes: what lived at the last collection, and all that was
// ever made; how many collections there were, and what these took: seconds of
// cores that had other work, or had to wait for it.
type heap struct {
	live, made, collections uint64
	took                    float64
}

// look takes in how the heap stands, some seconds after the last time, and says
// whether GOGC is to be another.
func (c *collecting) look(h heap, seconds float64, cores int) bool {
	if c.last.made > 0 && seconds > 0 {
		c.garbage += (float64(h.made-c.last.made)/seconds - c.garbage) / gcMemory
		if n := h.collections - c.last.collections; n > 0 {
			c.cost += ((h.took-c.last.took)/float64(n) - c.cost) / 2
		}
	}
	c.last = h
	want := gogc(h.live, c.garbage*c.cost/float64(cores))
	if math.Abs(float64(want-c.percent)) <= gcStep*float64(c.percent) {
		return false
	}
	c.percent = want
	return true
}

// gogc returns GOGC for what lives. A catalog is large, lives, and is no garbage:
// room in proportion to it would double what is resident. So there is less of it
// as the heap comes near to heapAim. Less room is more collections: dear is what
// part of the cores they would take were there a byte of it. Where they would take
// more than gcShare there is more room, and the proportion is the most. What they
// take is as measured: where cores are short of time a collection takes long,
// bids have to help with it, and room is worth more.
func gogc(live uint64, dear float64) int {
	if live == 0 {
		return usualGC
	}
	x := float64(live)
	room := max(min(max(heapAim-x, leastRoom), mostRoom), dear/gcShare)
	most := min(max(100*mostRoom/x, largeGC), usualGC)
	return int(min(math.Ceil(100*room/x), most))
}

// readHeap returns how the heap stands.
func readHeap() heap {
	s := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/cpu/classes/gc/total:cpu-seconds"}, {Name: "/cpu/classes/gc/mark/idle:cpu-seconds"},
	}
	metrics.Read(s)
	return heap{s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64(), s[3].Value.Float64() - s[4].Value.Float64()}
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
