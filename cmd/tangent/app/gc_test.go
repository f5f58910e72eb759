package app

import (
	"runtime"
	"testing"
)

func TestGarbageIsBoundedWhereTheHeapIsLarge(t *testing.T) {
	for _, tt := range []struct {
		liveMiB uint64
		want    int
	}{{0, 100}, {30, 100}, {100, 100}, {125, 80}, {200, 50}, {250, 50}, {4000, 50}} {
		if got := steadyGC(tt.liveMiB << 20); got != tt.want {
			t.Errorf("with %d MiB alive: GOGC is %d, want %d", tt.liveMiB, got, tt.want)
		}
	}
	runtime.GC()
	if liveHeap() == 0 {
		t.Error("what lives is not known")
	}
}
