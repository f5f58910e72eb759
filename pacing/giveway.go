package pacing

import "runtime"

// giveWayEvery is after how many of something a loop over all line items lets
// others run: each takes up to a microsecond.
const giveWayEvery = 256

// giveWay is called with a loop's count. A tick that goes through 100,000 line
// items takes tens of milliseconds; Go takes a processor away from a goroutine
// only after ten, and all that while bids would wait for it.
func giveWay(i int) {
	if i%giveWayEvery == giveWayEvery-1 {
		runtime.Gosched()
	}
}
