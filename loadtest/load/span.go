package load

import (
	"errors"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
)

// Span is the length of the parts in which calm, and what disturbs it, is
// looked at.
const Span = 250 * time.Millisecond

// bySpans parts a steady rate, so that there are books of each span.
func bySpans(all []loadtest.Stage) ([]loadtest.Stage, error) {
	if len(all) != 1 || all[0].From != all[0].To || all[0].For < Span {
		return nil, errors.New("what is looked at by spans is one steady rate, for a quarter second or more")
	}
	one := all[0]
	n := int(one.For / Span)
	one.For = Span
	return slices.Repeat([]loadtest.Stage{one}, n), nil
}
