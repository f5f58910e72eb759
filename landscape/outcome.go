package landscape

// Outcome is what became of a bid, in the auction's currency per impression.
type Outcome struct {
	Context Key
	Bid     float64
	Won     bool
	// Price is what a won bid was told to pay; below 0 if it was not told.
	Price float64
	// MinToWin is the least bid that would have won; 0 if it was not told.
	MinToWin float64
	// Late says that the bid was told of as lost before, since nothing had been
	// heard of it: that is taken back.
	Late bool
}

// Observe learns from an outcome as much as it says about the price. It is
// safe for concurrent use and takes one short lock.
func (l *Learner) Observe(o Outcome) {
	if !o.Context.valid() || !(o.Bid > 0) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.Late {
		l.censor(o.Context, above, o.Bid, -1)
	}
	switch {
	case o.MinToWin > 0 && (o.MinToWin <= o.Bid) == o.Won:
		l.exact(o.Context, o.MinToWin)
	case !o.Won:
		l.censor(o.Context, above, o.Bid, 1)
	case o.Context.Mechanism() == SecondPrice && o.Price > 0 && o.Price < o.Bid:
		l.exact(o.Context, o.Price)
	default:
		l.censor(o.Context, below, o.Bid, 1)
	}
}

// Exact notes that a price is known.
func (l *Learner) Exact(k Key, price float64) {
	l.Observe(Outcome{Context: k, Bid: price, Won: true, MinToWin: price})
}

// Above notes that a bid was lost: the price was higher.
func (l *Learner) Above(k Key, bid float64) { l.Observe(Outcome{Context: k, Bid: bid, Price: -1}) }

// Below notes that a bid was won, and nothing more: the price was lower.
func (l *Learner) Below(k Key, bid float64) {
	l.Observe(Outcome{Context: k, Bid: bid, Won: true, Price: -1})
}
