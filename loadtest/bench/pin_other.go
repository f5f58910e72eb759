//go:build !linux

package bench

// cpuSet is CPUs that a process may use; elsewhere they are not set apart.
type cpuSet struct{}

func parted() (all, first, rest cpuSet, ok bool) { return all, first, rest, false }
func pin(int, *cpuSet) error                     { return nil }
func crowd(*cpuSet) (func(), error)              { return func() {}, nil }
func on(_ *cpuSet, do func() error) error        { return do() }
