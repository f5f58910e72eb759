package app

import (
	"runtime"
	"testing"
)

func TestGarbageHasRoomByWhatCollectingCosts(t *testing.T) {
	for _, tt := range []struct {
		liveMiB, scannedMiB uint64
		garbageMiB          float64 // a second
		cores, want         int
	}{
		{0, 0, 0, 2, 100},
		{30, 20, 100, 2, 100},
		{100, 40, 5, 2, 100},
		{188, 100, 5, 2, 53}, // 100 MiB are left to the aim
		{216, 100, 5, 2, 34},
		{256, 128, 5, 2, 19},  // the least room
		{256, 128, 48, 2, 38}, // .32 s of a core for 48 MiB, at most .16 of one: up to 24 MiB a second
		{256, 128, 48, 4, 19}, // more cores may take more
		{256, 128, 1000, 2, 50},
		{400, 200, 5, 2, 12},
		{4000, 2000, 1, 2, 2},
		{4000, 2000, 1000, 2, 50},
	} {
		got := gogc(heap{live: tt.liveMiB << 20, scanned: tt.scannedMiB << 20}, tt.garbageMiB*(1<<20), tt.cores)
		if got != tt.want {
			t.Errorf("%+v: GOGC is %d", tt, got)
		}
	}
	runtime.GC()
	if h := readHeap(); h.live == 0 || h.scanned == 0 || h.scanned > h.live || h.made < h.live {
		t.Errorf("the heap is %+v", h)
	}
}

// GOGC follows the traffic, and is left alone where it would change by little:
// each change stops the world.
func TestGOGCFollowsTraffic(t *testing.T) {
	var c collecting
	h := heap{live: 256 << 20, scanned: 128 << 20, made: 1 << 30}
	play := func(seconds int, garbage uint64) (set int) {
		for range seconds {
			h.made += garbage
			if c.look(h, 1, 2) {
				set++
			}
		}
		return set
	}
	if !c.look(h, 0, 2) || c.percent != 19 {
		t.Fatalf("after the start GOGC is %d", c.percent)
	}
	if set := play(60, 1<<20); set != 0 {
		t.Errorf("set %d times while nothing comes", set)
	}
	if set := play(60, 48<<20); c.percent < 34 || c.percent > 38 || set > 12 {
		t.Errorf("under traffic it is %d, set %d times", c.percent, set)
	}
	play(120, 1<<20)
	if c.percent > 22 {
		t.Errorf("when traffic is gone it is %d", c.percent)
	}
	if h.live = 512 << 20; !c.look(h, 1, 2) || c.percent > 10 {
		t.Errorf("with twice as much alive it is %d", c.percent)
	}
}
