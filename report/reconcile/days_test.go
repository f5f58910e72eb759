package reconcile

import (
	"testing"
	"time"
)

// Days begin where they begin, also where clocks skip midnight.
func TestStart(t *testing.T) {
	for _, name := range []string{"UTC", "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "Pacific/Auckland", "America/Havana", "Asia/Kathmandu"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for day := periodOf(time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)); day < 20270101; day = add(day, 1) {
			s := start(day, zone)
			if periodOf(s) != day || periodOf(s.Add(-1)) >= day {
				t.Fatalf("%s: %v begins at %v", name, day, s)
			}
		}
	}
	if got := span(20260227, 20260302); got != 4 {
		t.Errorf("span %d, want 4", got)
	}
}
