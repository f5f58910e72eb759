package campaign

// Pace is the shape in which a budget is spent over its flight, or its day.
type Pace string

// The paces.
const (
	PaceTraffic Pace = "traffic" // as traffic comes; empty is the same
	PaceEven    Pace = "even"    // by the clock
	PaceAhead   Pace = "ahead"   // as traffic comes, a stated lead ahead of it
	PaceASAP    Pace = "asap"    // as fast as the goal allows
)

func (p Pace) known() bool {
	switch p {
	case "", PaceTraffic, PaceEven, PaceAhead, PaceASAP:
		return true
	}
	return false
}
