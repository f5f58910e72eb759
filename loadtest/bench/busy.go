package bench

import (
	"runtime"
	"syscall"
	"time"
)

// busyTime is the CPU that the machine and that the benchmark have used until
// a moment.
type busyTime struct {
	at       time.Time
	all, own time.Duration
}

// busy adds up what the benchmark and its processes have used: those that have
// ended, those that serve, and Redis.
func (b *bench) busy() busyTime {
	t := busyTime{at: time.Now(), all: busyOf()}
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			t.own += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	for _, s := range b.servers {
		if d, err := cpuOf(s.cmd.Process.Pid); err == nil { // else it has ended, and is a child that has
			t.own += d
		}
	}
	if d, err := b.redisCPU(); err == nil {
		t.own += d
	}
	return t
}

// others is the share of the machine's CPU that went to who is not the
// benchmark, since before.
func (t busyTime) others(before busyTime) float64 {
	took := t.at.Sub(before.at) * time.Duration(runtime.NumCPU())
	if took <= 0 {
		return 0
	}
	return min(1, max(0, float64((t.all-before.all)-(t.own-before.own))/float64(took)))
}
