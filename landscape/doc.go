// Package landscape answers: what will it cost to win?
//
// The price of an impression is the least bid that wins it. A [Learner] is told
// what became of bids: the price itself where an exchange tells it, or only
// that it was above a lost bid, or below a won one. Of these it estimates how
// prices are distributed in each context that a [Key] names. What it has
// learned is read from a [Model], an immutable snapshot: the chance that a bid
// wins, what it is expected to cost, and the bid that gains the most. [Shading]
// makes the bid of it all, in the bidder and in the replay alike.
//
// Prices are float64 nanos per impression in the auction's currency. They
// steer bids and are never owed: money that is owed is a money.Nanos, and this
// package must never book, hold or read a budget.
package landscape
