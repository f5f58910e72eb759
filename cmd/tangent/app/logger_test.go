package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestLogOfAFloodStaysShort(t *testing.T) {
	// given a log whose time stands still
	var out bytes.Buffer
	log := NewLogger(&out, "info", "json")
	now := time.Unix(1_800_000_000, 0)
	log.Handler().(*throttle).counts.now = func() time.Time { return now }

	// when one message floods it, beside another, also from a logger with attributes
	for range 1000 {
		log.Error("broken", "n", 1)
	}
	log.With("room", "x").Error("broken")
	log.Error("other")

	// then a few lines are written, and the next window tells the count
	if n := strings.Count(out.String(), "broken"); n != logBurst {
		t.Errorf("%d lines; want %d", n, logBurst)
	}
	if !strings.Contains(out.String(), "other") {
		t.Error("the other message is lost")
	}
	out.Reset()
	now = now.Add(logWindow)
	log.Error("broken")
	if !strings.Contains(out.String(), `"dropped":996`) {
		t.Errorf("the count is not told: %s", &out)
	}
	if log.Enabled(t.Context(), slog.LevelDebug) {
		t.Error("debug is on at level info")
	}
}
