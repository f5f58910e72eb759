package catalog

// Walk is the state of one walk. It is reused from request to request and
// belongs to one goroutine at a time.
type Walk struct {
	legs [2]leg // over the base and over the delta
	name [maxName]byte
}

// Walk starts a walk over the line items that may be eligible for q. It does
// not allocate. What w walked before is forgotten.
func (s *Snapshot) Walk(q *Query, w *Walk) {
	w.legs[0].start(s.base, s.gone, q, w.name[:])
	w.legs[1].start(s.delta, nil, q, w.name[:])
}

// Next returns the next candidate, or false when there is none left.
// Candidates come in descending order of Bound, then ascending of id, each
// once. Every line item that Check accepts comes, unless it was paused after
// the walk began; one that was paused before Next was called does not.
func (w *Walk) Next() (*LineItem, bool) {
	for {
		from := &w.legs[0]
		switch a, b := w.legs[0].head, w.legs[1].head; {
		case a == nil && b == nil:
			return nil, false
		case a == nil || b != nil && before(b, a) < 0:
			from = &w.legs[1]
		}
		li := from.head
		from.advance()
		if !li.Paused() {
			return li, true
		}
	}
}
