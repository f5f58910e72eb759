package audience

import (
	"context"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// segmentsWrite is a change to the segments of one user. A past expiry takes
// the user out of the segment.
type segmentsWrite struct {
	Key     UserKey
	Changes []membership
}

type membership struct {
	Segment event.SegmentID
	Expiry  time.Time
}

// putSegments writes what an import would. A user may be in writes several
// times.
func (w *Writer) putSegments(ctx context.Context, writes []segmentsWrite) (putResult, error) {
	batch := newSegmentBatch()
	for i := range writes {
		u := batch.user(writes[i].Key)
		for _, m := range writes[i].Changes {
			u.changes = append(u.changes, member{m.Segment, unixSeconds(m.Expiry)})
		}
	}
	return w.put(ctx, batch)
}
