package bidder

import (
	"testing"
	"time"
)

func TestThrottleKeepsTheRate(t *testing.T) {
	for _, rate := range []int{1, 100, 5000, 1_000_000} {
		var th throttle
		let := 0
		const offered = 20_000 // over two seconds
		for i := range offered {
			if th.allow(epoch.Add(time.Duration(i)*2*time.Second/offered), rate) {
				let++
			}
		}
		most := 2*rate + rate/10 + 2
		if let > most || let < min(2*rate, offered) {
			t.Errorf("%d per second: let %d of %d through in two seconds, want at most %d", rate, let, offered, most)
		}
	}
}

func TestThrottleAfterAPauseStartsAnew(t *testing.T) {
	var th throttle
	for range 10 {
		th.allow(epoch, 10)
	}
	let := 0
	for range 10 {
		if th.allow(epoch.Add(time.Hour), 10) {
			let++
		}
	}
	if let != 2 {
		t.Errorf("after an hour %d at once are let through, not two", let)
	}
}
