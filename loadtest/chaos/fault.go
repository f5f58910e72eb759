package chaos

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Fault is something that goes wrong.
type Fault string

// The faults. The last four are the exchange's and last as long as its traffic.
const (
	KillBidder   Fault = "kill-bidder"   // kill -9 one bidder, start it again later
	KillWorker   Fault = "kill-worker"   // kill -9 the worker that leads, start it again later
	RestartRedis Fault = "restart-redis" // Redis is away, and comes back empty
	WipeRedis    Fault = "wipe-redis"    // Redis forgets everything
	StopNATS     Fault = "stop-nats"     // most NATS servers are killed, or hang
	StopPostgres Fault = "stop-postgres" // PostgreSQL is killed, or hangs
	SlowPostgres Fault = "slow-postgres" // every answer of PostgreSQL takes long
	Late         Fault = "late"          // bills come late, some after their horizon
	Duplicate    Fault = "duplicate"     // notices come twice
	Reorder      Fault = "reorder"       // notices change places: the bill before the win
	DropNotice   Fault = "drop-notice"   // notices never come, though the exchange bills
)

// Faults are all there are.
var Faults = []Fault{KillBidder, KillWorker, RestartRedis, WipeRedis, StopNATS, StopPostgres, SlowPostgres, Late, Duplicate, Reorder, DropNotice}

// ParseFaults reads names separated by commas.
func ParseFaults(text string) ([]Fault, error) {
	var all []Fault
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		f := Fault(name)
		if !slices.Contains(Faults, f) {
			names := make([]string, len(Faults))
			for i, f := range Faults {
				names[i] = string(f)
			}
			return nil, fmt.Errorf("there is no fault %q: allowed are %s", name, strings.Join(names, ", "))
		}
		if !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return all, nil
}

// ofExchange says that the fault is how the exchange behaves all along.
func (f Fault) ofExchange() bool {
	return f == Late || f == Duplicate || f == Reorder || f == DropNotice
}

// planned is a fault with its time, from the start of the traffic.
type planned struct {
	Fault
	at, length time.Duration
	draw       uint64 // what else is left to chance
}

// plan gives every fault of the machinery its time, one after the other, in
// an order that follows from the seed. They leave the beginning in peace, so
// that there is something to lose, and the last part, so that what a fault
// held back can still be spent.
func plan(faults []Fault, seed uint64, duration time.Duration) []planned {
	rng := rand.New(rand.NewPCG(seed, 0x6661756c7473))
	var all []planned
	for _, f := range faults {
		if !f.ofExchange() {
			all = append(all, planned{Fault: f})
		}
	}
	rng.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	from, to := duration/12, duration*11/20
	slot := (to - from) / time.Duration(max(len(all), 1))
	slot = min(slot, 12*time.Second)
	for i := range all {
		p := &all[i]
		p.at = from + slot*time.Duration(i) + time.Duration(rng.Float64()*.2*float64(slot))
		p.length = time.Duration((.4 + .2*rng.Float64()) * float64(slot))
		p.draw = rng.Uint64()
	}
	return all
}
