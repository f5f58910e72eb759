package frontier

import "slices"

// hourly counts something hour by hour, for a day. It takes room for the hours
// in which there was any: of a large catalog most line items meet little, and
// are billed less.
type hourly[T any] []inHour[T]

type inHour[T any] struct {
	hour int64 // Unix hours
	of   T
}

// meetings are opportunities, and bills impressions that were billed: see Hour.
type (
	meetings struct{ met, worth int64 }
	bills    struct {
		billed, spent int64
		value         float64
	}
)

// at returns where an hour is counted, until the next call.
func (h *hourly[T]) at(hour int64) *T {
	if x := h.find(hour); x != nil {
		return x
	}
	*h = slices.DeleteFunc(*h, func(x inHour[T]) bool { return x.hour < hour-Span })
	*h = append(*h, inHour[T]{hour: hour})
	return &(*h)[len(*h)-1].of
}

// find is at for an hour in which there was something, else nil.
func (h hourly[T]) find(hour int64) *T {
	for i := len(h) - 1; i >= 0; i-- { // mostly the last
		if h[i].hour == hour {
			return &h[i].of
		}
	}
	return nil
}
