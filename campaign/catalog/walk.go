package catalog

// Walk is the state of one walk. It is reused from request to request and
// belongs to one goroutine at a time.
type Walk struct {
	legs       []leg // over the base and over the delta, for each currency
	currencies []Currency
	last       int     // the leg of what Next returned last
	bound      float64 // of it
	name       [maxName]byte
}

// Walk starts a walk over the line items that may be eligible for q. It does
// not allocate, but for room where it has more currencies than ever. What w
// walked before is forgotten.
func (s *Snapshot) Walk(q *Query, w *Walk) {
	q.whole()
	n := 1
	if w.currencies = q.Currencies; q.Currencies != nil {
		n = len(q.Currencies)
	}
	for cap(w.legs) < 2*n {
		w.legs = append(w.legs[:cap(w.legs)], leg{})
	}
	w.legs = w.legs[:2*n]
	for i := range n {
		in := (*Currency)(nil)
		if q.Currencies != nil {
			in = &q.Currencies[i]
		}
		w.legs[2*i].start(s.base, s.gone, q, in, w.name[:])
		w.legs[2*i+1].start(s.delta, nil, q, in, w.name[:])
	}
}

// Next returns the next candidate, or false when there is none left.
// Candidates come in descending order of their bounds in the auction's
// currency, then ascending of id, each once. Every line item that Check accepts
// comes, unless it was paused after the walk began; one that was paused before
// Next was called does not.
func (w *Walk) Next() (*LineItem, bool) {
	for {
		from := -1
		for i := range w.legs {
			l := &w.legs[i]
			if l.head == nil {
				continue
			}
			b := l.head.Bound * l.factor
			if from < 0 || b > w.bound || b == w.bound && l.head.ID < w.legs[from].head.ID {
				from, w.bound = i, b
			}
		}
		if from < 0 {
			return nil, false
		}
		w.last = from
		li := w.legs[from].head
		w.legs[from].advance()
		if !li.Paused() {
			return li, true
		}
	}
}

// Bound returns at least as much as any bid for the line item that Next
// returned last, in nanos of the auction's currency per impression: see
// [LineItem.Bound].
func (w *Walk) Bound() float64 { return w.bound }

// BoundOf returns what Bound is after a walk returned the line item.
func (q *Query) BoundOf(li *LineItem) float64 {
	if c := q.CurrencyOf(li); c != nil {
		return li.Bound * c.Factor
	}
	return li.Bound
}

// Currency returns what the line item that Next returned last pays in, or nil
// where the query names no currencies.
func (w *Walk) Currency() *Currency {
	if w.currencies == nil {
		return nil
	}
	return &w.currencies[w.last/2]
}
