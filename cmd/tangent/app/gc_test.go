package app

import (
	"runtime"
	"testing"
)

func TestGarbageHasRoomByWhatCollectingCosts(t *testing.T) {
	for _, tt := range []struct {
		liveMiB uint64
		dear    float64 // of the cores, for 1 MiB of room
		want    int
	}{
		{0, 0, 100},
		{30, 9, 100},
		{100, 1, 100},
		{188, 1, 53}, // 100 MiB are left to the aim
		{216, 1, 34},
		{256, .375, 19}, // the least room
		{256, .72, 19},
		{256, 1.44, 38}, // twice as dear: .015 of the cores for 96 MiB
		{256, 100, 50},
		{4000, 1, 2},
		{4000, 1000, 50},
	} {
		if got := gogc(tt.liveMiB<<20, tt.dear*(1<<20)); got != tt.want {
			t.Errorf("%+v: GOGC is %d", tt, got)
		}
	}
	before := readHeap()
	runtime.GC()
	if h := readHeap(); h.live == 0 || h.made < h.live || h.collections <= before.collections || h.took <= before.took {
		t.Errorf("the heap is %+v after %+v", h, before)
	}
}

// GOGC follows the traffic, and is left alone where it would change by little:
// each change stops the world.
func TestGOGCFollowsTraffic(t *testing.T) {
	var c collecting
	h := heap{live: 256 << 20, made: 1 << 30, collections: 9, took: 1}
	play := func(seconds int, garbage uint64, cost float64) (set int) {
		for i := range seconds {
			h.made += garbage
			if i%4 == 3 {
				h.collections++
				h.took += cost
			}
			if c.look(h, 1, 2) {
				set++
			}
		}
		return set
	}
	if !c.look(h, 0, 2) || c.percent != 19 {
		t.Fatalf("after the start GOGC is %d", c.percent)
	}
	if set := play(60, 1<<20, .075); set != 0 {
		t.Errorf("set %d times while nothing comes", set)
	}
	if set := play(60, 12<<20, .075); set != 0 {
		t.Errorf("set %d times though collections are cheap", set)
	}
	if set := play(60, 12<<20, .24); c.percent < 34 || c.percent > 38 || set > 12 {
		t.Errorf("where cores are short of time it is %d, set %d times", c.percent, set)
	}
	play(120, 1<<20, .075)
	if c.percent > 22 {
		t.Errorf("when traffic is gone it is %d", c.percent)
	}
	if h.live = 512 << 20; !c.look(h, 1, 2) || c.percent > 10 {
		t.Errorf("with twice as much alive it is %d", c.percent)
	}
}
