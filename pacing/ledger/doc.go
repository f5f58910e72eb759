// Package ledger answers: whose money is it, and where did it go?
//
// It keeps all money state in SQL: the slices of budgets that bidders were
// granted, and the bookings of what exchanges billed. Three laws hold after
// every transaction:
//
//   - No grant makes booked + outstanding slices exceed a budget.
//   - A bid is booked at most once, whatever is delivered how often.
//   - A dead bidder's slice stays its own until none of its bids can be
//     billed in time any more; then what was not booked is free again.
//
// What exchanges bill beyond a budget, or beyond a bid, is never refused or
// hidden: it is booked as overrun, or noted as disputed.
//
// It also counts the orders of conversions, which are no budget's money, and
// keeps the guard, the switch that stops all bidding, and the leases of
// workers; and it backs the whole database up, the campaign store's tables too.
//
// The SQL is one text for SQLite and PostgreSQL, and any number of processes
// share one database: a transaction locks the rows that it decides on, always
// in the order counter or incarnation, balances, slices. Limits are read from the
// table budget_nodes of package campaign/store, in the same transaction; of a
// funded advertiser's, which is the root of its budgets, the payments come on
// top. This package must never be imported by the bid path, and never changes a
// limit but by a payment.
package ledger
